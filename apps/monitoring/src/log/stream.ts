import {
  parseStreamEntry,
  toStreamId,
  parseStreamPosition,
  toStreamFields,
  type LogEntry,
  type LogPage,
} from '@seguridad-abc/contracts';
import type { Redis } from 'ioredis';

/**
 * Where a relay goes on: behind the stream's last entry. A stream that Redis has lost begins anew, no longer than it may
 * be. One that holds entries of another log, or entries that this log does not have, is not written to.
 * @param log any page of the log
 */
export async function findPosition(
  redis: Redis,
  stream: string,
  { logId, head }: LogPage,
  maxLength: number,
): Promise<{ position: number } | { blocked: string }> {
  const last = await lastOf(redis, stream);
  if (!last) return { position: Math.max(0, head - maxLength) };
  const position = parseStreamPosition(last.id);
  const entry = last.fields && position !== undefined ? parseStreamEntry(last.id, last.fields) : undefined;
  if (position === undefined || (entry && entry.logId !== logId)) {
    const whose = entry ? `log ${entry.logId}` : 'something else';
    return {
      blocked: `the Redis stream ${stream} belongs to ${whose}, not to log ${logId}; ${remedy(stream)}`,
    };
  }
  if (position > head) {
    const why = `the Redis stream ${stream} goes on to position ${position}, but the log ends at ${head}: it was set back`;
    return { blocked: `${why}; ${remedy(stream)}` };
  }
  return { position };
}

const remedy = (stream: string) =>
  `if this log is the right one, remove the stream (redis-cli DEL ${stream}) and reports.sqlite, which is then built anew`;

/** Undefined where there is no such stream; without fields where it is empty. */
async function lastOf(redis: Redis, stream: string): Promise<{ id: string; fields?: string[] } | undefined> {
  if ((await redis.exists(stream)) === 0) return undefined;
  const info = (await redis.xinfo('STREAM', stream)) as unknown[];
  const field = (name: string) => info[info.indexOf(name) + 1];
  const entry = field('last-entry') as [string, string[]] | null;
  const id = field('last-generated-id') as string;
  return entry ? { id, fields: entry[1] } : { id };
}

/**
 * Adds entries in order under their positions. Redis refuses those it has already, which is as good as adding them.
 * @throws Error where one could not be added: the stream must be asked again how far it goes
 */
export async function publish(
  redis: Redis,
  stream: string,
  entries: readonly LogEntry[],
  maxLength: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const entry of entries) {
    pipeline.xadd(stream, 'MAXLEN', '~', maxLength, toStreamId(entry.position), ...toStreamFields(entry));
  }
  const results = (await pipeline.exec()) ?? [];
  for (const [error] of results) if (error && !error.message.includes('equal or smaller')) throw error;
}
