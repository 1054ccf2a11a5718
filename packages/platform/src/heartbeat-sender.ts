import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Heartbeat } from '@seguridad-abc/contracts';
import type { RedisPubSubClient } from './redis-connections.js';
import { SOFTWARE_VERSION } from './software-version.js';
import { isBeingReplaced } from './supervision.js';

/** The condition of this process, as its heartbeats report it. */
export interface ServiceCondition {
  /** One clause that says what is wrong. Absent while the process works. */
  readonly error?: string | undefined;
  readonly lag?: Heartbeat['lag'] | undefined;
  /** How far this process is in the event log. */
  readonly log?: Heartbeat['log'] | undefined;
  /** Problems that this process observes with services it depends on. */
  readonly others?: Heartbeat['others'];
}

/** Adds a problem to a condition. @param problem one clause; undefined: there is none */
export const addProblem = (condition: ServiceCondition, problem: string | undefined): ServiceCondition =>
  problem === undefined
    ? condition
    : { ...condition, error: [problem, condition.error].filter((text) => text !== undefined).join('; ') };

export interface HeartbeatSenderOptions {
  readonly service: string;
  /** Distinguishes this process from other processes of its service. */
  readonly instance: string;
  readonly intervalMs: number;
  readonly pubsub: Pick<RedisPubSubClient, 'publish' | 'publisher' | 'names'>;
  /** Called before each heartbeat. @default a condition without problems */
  readonly condition?: () => ServiceCondition;
  /** Whether another process takes the place of this one. @default what the supervisor has announced */
  readonly isReplaced?: () => boolean;
}

const LOOP_DELAY_RESOLUTION_MS = 20;
/** The event-loop delay is measured after this many heartbeats: a start blocks the loop, which is no fault. */
const STARTUP_HEARTBEATS = 3;
const MAX_DETAIL_LENGTH = 500;

/** Error messages may have several lines. Heartbeats contain no control characters. */
const toLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/**
 * Publishes a heartbeat now, once per interval, and whenever the Redis connection is restored.
 * @returns a function that stops the sender and publishes a last heartbeat. Its status is `stopping`, unless another process takes
 * the place of this one: the service is then not DOWN, and only a successor that stays silent makes it LATE
 */
export function startHeartbeatSender(options: HeartbeatSenderOptions): () => Promise<void> {
  const { service, instance, intervalMs, pubsub, condition = (): ServiceCondition => ({}) } = options;
  const { isReplaced = isBeingReplaced } = options;
  const startedAt = new Date().toISOString();
  const loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  let sequence = 0;
  let isStopped = false;

  const send = async (status: 'ok' | 'stopping') => {
    const { error, lag, log, others }: ServiceCondition = status === 'stopping' ? {} : condition();
    // The histogram measures sampling intervals; the delay is the part beyond the resolution.
    const p99DelayMs = loopDelay.count > 0 ? loopDelay.percentile(99) / 1e6 - LOOP_DELAY_RESOLUTION_MS : 0;
    loopDelay.reset();
    if (sequence === STARTUP_HEARTBEATS - 1) loopDelay.enable();
    const heartbeat: Heartbeat = {
      v: 1,
      service,
      instance,
      version: SOFTWARE_VERSION,
      startedAt,
      sentAt: new Date().toISOString(),
      sequence: ++sequence,
      intervalMs,
      status: error === undefined ? status : 'error',
      ...(error !== undefined && { detail: toLine(error).slice(0, MAX_DETAIL_LENGTH) }),
      loopDelayMs: Math.max(0, Math.round(p99DelayMs * 10) / 10),
      ...(lag && { lag }),
      ...(log && { log }),
      ...(others?.length && {
        others: others.map((other) => ({ ...other, detail: toLine(other.detail) })),
      }),
    };
    await pubsub.publish(pubsub.names.heartbeatChannel, heartbeat);
  };

  const sendNow = () => void send('ok');
  const timer = setInterval(sendNow, intervalMs);
  pubsub.publisher.on('ready', sendNow);
  if (pubsub.publisher.status === 'ready') sendNow();

  return async () => {
    if (isStopped) return;
    isStopped = true;
    clearInterval(timer);
    pubsub.publisher.off('ready', sendNow);
    loopDelay.disable();
    await send(isReplaced() ? 'ok' : 'stopping');
  };
}
