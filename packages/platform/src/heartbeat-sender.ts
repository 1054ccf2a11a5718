import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { HEARTBEAT_CHANNEL, type Heartbeat } from '@seguridad-abc/contracts';
import type { PubSub } from './pubsub.js';

/** How the process feels, asked at each beat. */
export interface ServiceCondition {
  /** One clause for a person, where something is wrong. */
  readonly error?: string | undefined;
  readonly lag?: Heartbeat['lag'] | undefined;
  /** What it finds wrong with services that it uses. */
  readonly others?: Heartbeat['others'];
}

export interface HeartbeatSenderOptions {
  readonly service: string;
  readonly instance: string;
  readonly intervalMs: number;
  readonly pubsub: Pick<PubSub, 'publish' | 'publisher'>;
  readonly condition?: () => ServiceCondition;
}

/** The packages of the installation are of one version. */
const { version: SOFTWARE_VERSION } = createRequire(import.meta.url)('../package.json') as {
  version: string;
};
/** The event loop's delay is sampled this often. */
const DELAY_RESOLUTION_MS = 20;
const MAX_DETAIL = 500;

/**
 * Beats from now on, at once and again whenever Redis is back.
 * @returns what says goodbye and ends it
 */
export function startHeartbeatSender(options: HeartbeatSenderOptions): () => Promise<void> {
  const { service, instance, intervalMs, pubsub, condition = (): ServiceCondition => ({}) } = options;
  const startedAt = new Date().toISOString();
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let sequence = 0;
  let ended = false;

  const send = async (status: 'ok' | 'stopping') => {
    const { error, lag, others }: ServiceCondition = status === 'stopping' ? {} : condition();
    const p99 = delay.count > 0 ? delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS : 0;
    delay.reset();
    const beat: Heartbeat = {
      v: 1,
      service,
      instance,
      version: SOFTWARE_VERSION,
      startedAt,
      sequence: ++sequence,
      intervalMs,
      status: error === undefined ? status : 'error',
      ...(error !== undefined && { detail: error.slice(0, MAX_DETAIL) }),
      loopDelayMs: Math.max(0, Math.round(p99 * 10) / 10),
      ...(lag && { lag }),
      ...(others?.length && { others }),
    };
    await pubsub.publish(HEARTBEAT_CHANNEL, beat);
  };

  const sendNow = () => void send('ok');
  const timer = setInterval(sendNow, intervalMs);
  pubsub.publisher.on('ready', sendNow);
  if (pubsub.publisher.status === 'ready') sendNow();

  return async () => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    pubsub.publisher.off('ready', sendNow);
    delay.disable();
    await send('stopping');
  };
}
