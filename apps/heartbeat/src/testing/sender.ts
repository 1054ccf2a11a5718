import { HEARTBEAT_CHANNEL, type Heartbeat } from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { aBeat } from './beat.js';

/** A process that beats as it is told to. */
export interface Sender {
  /** Beats once, now. */
  beat(overrides?: Partial<Heartbeat>): Promise<void>;
  /** Beats from now on, once an interval. */
  begin(): void;
  /** Falls silent, as a process that was killed. */
  fallSilent(): void;
  close(): void;
}

export function createSender(
  redisUrl: string,
  identity: Partial<Heartbeat> & { intervalMs: number },
): Sender {
  const redis = new Redis(redisUrl, {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  });
  redis.on('error', () => undefined);
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;

  const sender: Sender = {
    async beat(overrides = {}) {
      sequence += 1;
      const message = JSON.stringify(aBeat({ ...identity, sequence, ...overrides }));
      // As a process of ours does: what cannot be sent now is not sent.
      await redis.publish(HEARTBEAT_CHANNEL, message).catch(() => undefined);
    },
    begin() {
      const beat = () => void sender.beat();
      if (redis.status === 'ready') beat();
      else redis.once('ready', beat);
      timer = setInterval(beat, identity.intervalMs);
    },
    fallSilent: () => clearInterval(timer),
    close() {
      clearInterval(timer);
      redis.disconnect();
    },
  };
  return sender;
}
