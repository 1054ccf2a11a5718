import { DEFAULT_REDIS_NAMES, type Heartbeat } from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { createHeartbeatMessage } from './heartbeat-message.js';

/** Sends the heartbeats of a process that does not exist. */
export interface FakeProcess {
  /** Sends one heartbeat now. */
  sendHeartbeat(overrides?: Partial<Heartbeat>): Promise<void>;
  /** Starts to send heartbeats, one in each interval. */
  start(): void;
  /** Stops sending without a last heartbeat, like a killed process. */
  kill(): void;
  close(): void;
}

export function createFakeProcess(
  redisUrl: string,
  identity: Partial<Heartbeat> & { intervalMs: number },
): FakeProcess {
  const redis = new Redis(redisUrl, {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  });
  redis.on('error', () => undefined);
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;

  const fakeProcess: FakeProcess = {
    async sendHeartbeat(overrides = {}) {
      sequence += 1;
      const message = JSON.stringify(createHeartbeatMessage({ ...identity, sequence, ...overrides }));
      // Real processes drop a heartbeat that cannot be sent now, too.
      await redis.publish(DEFAULT_REDIS_NAMES.heartbeatChannel, message).catch(() => undefined);
    },
    start() {
      const send = () => void fakeProcess.sendHeartbeat();
      if (redis.status === 'ready') send();
      else redis.once('ready', send);
      timer = setInterval(send, identity.intervalMs);
    },
    kill: () => clearInterval(timer),
    close() {
      clearInterval(timer);
      redis.disconnect();
    },
  };
  return fakeProcess;
}
