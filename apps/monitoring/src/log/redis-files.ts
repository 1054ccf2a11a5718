import { setTimeout as delay } from 'node:timers/promises';
import { getErrorMessage, type Logger } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';

/** A file must be written anew within this time. */
const REWRITE_TIMEOUT_MS = 60_000;
const CHECK_INTERVAL_MS = 100;
/** Redis runs one child process at a time, and may fail to start one. */
const TRY_LATER = /in progress|is active|Can't execute/i;

/** The fields of `INFO persistence`. */
type PersistenceFields = ReadonlyMap<string, string>;

/** A file of Redis that holds removed data until it is written anew. */
interface RedisFile {
  readonly name: string;
  isUsed(fields: PersistenceFields): boolean;
  isRunning(fields: PersistenceFields): boolean;
  readonly statusField: string;
  rewrite(redis: Redis): Promise<unknown>;
}

const FILES: readonly RedisFile[] = [
  {
    name: 'append-only file',
    isUsed: (fields) => fields.get('aof_enabled') === '1',
    isRunning: (fields) =>
      fields.get('aof_rewrite_in_progress') === '1' || fields.get('aof_rewrite_scheduled') === '1',
    statusField: 'aof_last_bgrewrite_status',
    rewrite: (redis) => redis.bgrewriteaof(),
  },
  {
    name: 'snapshot',
    // Beside an append-only file, Redis has a snapshot only if it makes them at intervals.
    isUsed: (fields) =>
      fields.get('aof_enabled') !== '1' || Number(fields.get('rdb_last_bgsave_time_sec') ?? -1) >= 0,
    isRunning: (fields) => fields.get('rdb_bgsave_in_progress') === '1',
    statusField: 'rdb_last_bgsave_status',
    rewrite: (redis) => redis.bgsave(),
  },
];

/** Redis does not write a file anew: it refuses the command, or fails for too long. */
class RewriteRefusedError extends Error {
  override name = 'RewriteRefusedError';
}

export interface RedisFilesOptions {
  readonly redis: Redis;
  /** Waits for the reply of a command. @throws if Redis does not answer; the command's error */
  readonly waitForReply: <Reply>(reply: Promise<Reply>) => Promise<Reply>;
  /** @throws if the work must end */
  readonly assertMayContinue: () => void;
  readonly logger: Logger;
  /** How long one file may take. @default 60 s */
  readonly timeoutMs?: number | undefined;
}

/**
 * Lets Redis write its files anew, after data was removed, and waits until it has done so. A file that was being written when the
 * data was removed is written once more. If Redis refuses or fails, a warning is logged.
 * @throws if Redis does not answer, or `assertMayContinue` throws
 */
export async function rewriteRedisFiles({
  redis,
  waitForReply,
  assertMayContinue,
  logger,
  timeoutMs = REWRITE_TIMEOUT_MS,
}: RedisFilesOptions): Promise<void> {
  const readFields = async (): Promise<PersistenceFields> => {
    assertMayContinue();
    const info = await waitForReply(redis.info('persistence'));
    return new Map(
      [...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
  };

  const rewrite = async (file: RedisFile) => {
    const endsAt = performance.now() + timeoutMs;
    const pause = async (reason: string) => {
      if (performance.now() >= endsAt) throw new RewriteRefusedError(reason);
      await delay(CHECK_INTERVAL_MS);
    };
    const waitUntilIdle = async () => {
      for (;;) {
        const fields = await readFields();
        if (!file.isRunning(fields)) return fields;
        await pause(`Redis still writes its ${file.name} after ${timeoutMs} ms`);
      }
    };
    if (!file.isUsed(await readFields())) return;
    for (;;) {
      // What is being written now may have begun before the data was removed.
      await waitUntilIdle();
      try {
        await waitForReply(file.rewrite(redis));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const reason = getErrorMessage(error);
        if (!TRY_LATER.test(reason)) throw new RewriteRefusedError(reason);
        await pause(reason);
        continue;
      }
      const status = (await waitUntilIdle()).get(file.statusField);
      if (status === 'ok') return;
      await pause(`Redis could not write its ${file.name}: see its log`);
    }
  };

  for (const file of FILES)
    try {
      await rewrite(file);
    } catch (error) {
      // A managed Redis may refuse these commands.
      if (!(error instanceof RewriteRefusedError) && !isRefusal(error)) throw error;
      logger.warn(
        { err: error, file: file.name },
        'Redis does not rewrite its files now: erased data stays in them until Redis rewrites them',
      );
    }
}

/** Redis has answered with an error. */
const isRefusal = (error: unknown) => error instanceof Error && error.name === 'ReplyError';
