import { setTimeout as delay } from 'node:timers/promises';
import type { LogEntry } from '@seguridad-abc/contracts';
import { errorMessage, waitUntilRedisReady, type Logger } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import { MAX_READ_ENTRIES, estimateReadCount } from '../domain/log-batches.js';
import { takeNext, type Obstacle } from '../domain/take-next.js';
import type { Applier } from './applier.js';
import { describeObstacle, waiting, wrongStream, type Hindrance } from './hindrance.js';
import type { AskLog } from './log-check.js';
import type { LogStream } from './log-stream.js';
import type { ProjectorTiming } from './timing.js';

export interface ProjectorOptions {
  readonly applier: Applier;
  readonly stream: LogStream;
  /** The stream's connection. */
  readonly redis: Redis;
  readonly askLog: AskLog;
  readonly timing: ProjectorTiming;
  readonly logger: Logger;
}

export interface Projector {
  /** Follows the log until aborted, whatever happens to the stream, to Redis and to monitoring. */
  run(abort: AbortSignal): Promise<void>;
  /** Whether it has had all that there was, once. */
  readonly caughtUp: boolean;
  /** Redis was reached for and is not there. */
  readonly redisAway: boolean;
  readonly hindrance: Hindrance | undefined;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { applier, stream, redis, askLog, timing, logger } = options;
  let caughtUp = false;
  let redisAway = false;
  let hindrance: Hindrance | undefined;
  /** Entries to read at once. */
  let count = MAX_READ_ENTRIES;
  /** The last read had all that the stream holds: the next one may wait. */
  let atEnd = false;
  /** The log has not been asked since the start, or since Redis was away: the stream may be another one. */
  let unchecked = true;
  /** Where the stream ended when the log, too, had no more: not a reason to ask it again. */
  let checkedEnd: number | undefined;
  /** By the monotonic clock. */
  let nextCheckAt = 0;

  const disconnected = () => (redisAway = true);
  const reconnected = () => {
    redisAway = false;
    unchecked = true;
    nextCheckAt = 0;
    atEnd = false;
  };

  const apply = (entries: readonly LogEntry[]) => {
    count = estimateReadCount(entries);
    return applier.apply(entries);
  };

  /** A read model that is new takes the log for its own that monitoring has, not what an old stream may hold. */
  const adopt = async (logId: string) => {
    if (applier.checkpoint.logId === null) await applier.adopt(logId);
  };

  /** Takes the log's word, where it can be had, and from the log what it has more. */
  const checkLog = async (abort: AbortSignal): Promise<Hindrance | undefined> => {
    const word = await askLog(applier.checkpoint, count, abort);
    const said = word.says !== 'nothing';
    nextCheckAt = performance.now() + (said ? timing.idleCheckMs : timing.blockMs);
    if (!said) logger.debug({ why: word.why }, "monitoring's log cannot be asked; following the stream");
    if (word.says === 'wrong') return word.hindrance;
    if (word.says === 'right') {
      unchecked = false;
      checkedEnd = word.page.entries.length === 0 ? word.streamEnd : undefined;
      await adopt(word.page.logId);
      await apply(word.page.entries);
    }
    return undefined;
  };

  const step = async (abort: AbortSignal): Promise<Hindrance | undefined> => {
    if (hindrance?.kind === 'blocked') {
      const word = await askLog(applier.checkpoint, 1, abort);
      if (word.says === 'wrong') return word.hindrance;
      if (word.says === 'nothing') return hindrance;
      await adopt(word.page.logId);
    } else if (unchecked && performance.now() >= nextCheckAt) {
      const found = await checkLog(abort);
      if (found) return found;
    }

    const asked = count;
    const raw = await stream.read(applier.checkpoint.position, asked, atEnd ? timing.blockMs : 0);
    const { next, obstacle } = takeNext(applier.checkpoint, raw);
    await apply(next);
    if (obstacle) return overcome(obstacle, abort);
    if (raw.length === 0) return idle(abort);
    atEnd = raw.length < asked;
    caughtUp ||= atEnd;
    checkedEnd = undefined;
    return undefined;
  };

  /** The stream gives nothing. Either there is nothing, or Redis has lost it. */
  const idle = async (abort: AbortSignal): Promise<Hindrance | undefined> => {
    const { position } = applier.checkpoint;
    const end = await stream.lastPosition();
    const lost = end < position && end !== checkedEnd;
    if (lost || performance.now() >= nextCheckAt) {
      const found = await checkLog(abort);
      if (found) return found;
    }
    atEnd = applier.checkpoint.position === position;
    caughtUp ||= atEnd;
    return undefined;
  };

  /** The stream does not hold the next entry, so the log must. */
  const overcome = async (obstacle: Obstacle, abort: AbortSignal): Promise<Hindrance | undefined> => {
    atEnd = false;
    const what = describeObstacle(obstacle, applier.checkpoint.position);
    const word = await askLog(applier.checkpoint, count, abort);
    if (word.says === 'wrong') return word.hindrance;
    if (word.says === 'nothing') {
      const reason = `${what}, and monitoring's log cannot be asked: ${word.why}`;
      return { kind: obstacle.kind === 'foreign' ? 'blocked' : 'waiting', reason };
    }
    if (obstacle.kind === 'foreign') return wrongStream(what);
    if (word.page.entries.length === 0)
      return wrongStream(`${what}, and monitoring's log ends at ${word.page.head}`);
    logger.info({ what, entries: word.page.entries.length }, 'read from the log itself');
    await apply(word.page.entries);
    return undefined;
  };

  const attempt = async (abort: AbortSignal): Promise<Hindrance | undefined> => {
    try {
      return await step(abort);
    } catch (error) {
      if (abort.aborted || redis.status !== 'ready') return hindrance;
      logger.error({ err: error }, 'the projection failed; trying again');
      return waiting(`the projection failed: ${errorMessage(error)}`);
    }
  };

  const tell = (found: Hindrance | undefined, abort: AbortSignal) => {
    if (abort.aborted) return;
    if (found && found.reason !== hindrance?.reason) {
      logger[found.kind === 'blocked' ? 'error' : 'warn'](
        { reason: found.reason },
        `projection ${found.kind}`,
      );
    }
    if (!found && hindrance) logger.info('the projection goes on');
    hindrance = found;
  };

  return {
    get caughtUp() {
      return caughtUp;
    },
    get redisAway() {
      return redisAway;
    },
    get hindrance() {
      return hindrance;
    },
    async run(abort) {
      redis.on('close', disconnected);
      redis.on('ready', reconnected);
      let retries = 0;
      while (!abort.aborted) {
        await waitUntilRedisReady(redis, abort);
        tell(await attempt(abort), abort);
        retries = hindrance ? retries + 1 : 0;
        if (hindrance) await pause(Math.min(timing.retryMs * 2 ** (retries - 1), timing.maxRetryMs), abort);
      }
      redis.off('close', disconnected);
      redis.off('ready', reconnected);
    },
  };
}

const pause = (ms: number, abort: AbortSignal) =>
  delay(ms, undefined, { signal: abort }).catch(() => undefined);
