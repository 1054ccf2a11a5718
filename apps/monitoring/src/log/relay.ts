import { LOG_STREAM } from '@seguridad-abc/contracts';
import {
  awaitRedisReply,
  errorMessage,
  waitUntilRedisReady,
  type Logger,
  type Notifier,
} from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { EventLog } from './event-log.js';
import { findPosition, publish } from './stream.js';

const BATCH = 500;
/** After an error, and while the stream is not ours. */
const RETRY_MS = 1_000;
/** Redis has so long to take a batch. */
const ANSWER_MS = 10_000;

export interface RelayOptions {
  readonly log: EventLog;
  /** A connection of the relay's own, that sends nothing again by itself. */
  readonly redis: Redis;
  /** Raised by every commit. */
  readonly appended: Notifier;
  /** About as many entries stay on the stream. */
  readonly maxLength: number;
  readonly logger: Logger;
}

export interface Relay {
  /** Publishes the log to the stream, in order and at least once, until aborted. */
  run(abort: AbortSignal): Promise<void>;
  /** Entries of the log that are not on the stream yet, as far as the relay knows. */
  readonly lag: number;
  /** The last entry of the log that is on the stream; undefined while that is not known. */
  readonly position: number | undefined;
  /** Why nothing is published, where that will not pass by itself. */
  readonly blocked: string | undefined;
}

/**
 * The stream's own last id is the relay's checkpoint: it goes on behind it after a restart of either side, and begins
 * anew where Redis has lost the stream.
 */
export function createRelay({ log, redis, appended, maxLength, logger }: RelayOptions): Relay {
  let lag = 0;
  let blocked: string | undefined;
  /** Undefined: the stream must be asked. */
  let position: number | undefined;

  const resync = () => {
    position = undefined;
    appended.notify();
  };

  const step = async (abort: AbortSignal) => {
    if (position === undefined) {
      const page = await log.read(0, 1);
      const found = await awaitRedisReply(redis, findPosition(redis, LOG_STREAM, page, maxLength), ANSWER_MS);
      if ('blocked' in found) return block(found.blocked, abort);
      position = found.position;
    }
    blocked = undefined;
    const from = position;
    const { head, entries } = await log.read(from, BATCH);
    lag = head - from;
    if (entries.length === 0) return appended.wait(abort);
    await awaitRedisReply(redis, publish(redis, LOG_STREAM, entries, maxLength), ANSWER_MS);
    // Redis may have been away meanwhile and come back without them.
    if (position !== from) return;
    position = from + entries.length;
    lag = head - position;
  };

  const block = async (why: string, abort: AbortSignal) => {
    if (blocked !== why) logger.error({ why }, 'the log is not published');
    blocked = why;
    await pause(abort);
  };

  return {
    get lag() {
      return lag;
    },
    get position() {
      return position;
    },
    get blocked() {
      return blocked;
    },
    async run(abort) {
      redis.on('ready', resync);
      while (!abort.aborted) {
        await waitUntilRedisReady(redis, abort);
        try {
          await step(abort);
        } catch (error) {
          position = undefined;
          if (redis.status === 'ready') {
            logger.warn({ error: errorMessage(error) }, 'the log could not be published; trying again');
            await pause(abort);
          }
        }
      }
      redis.off('ready', resync);
    },
  };
}

const pause = (abort: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      abort.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, RETRY_MS);
    abort.addEventListener('abort', done);
  });
