import { LOG_STREAM, toStreamId } from '@seguridad-abc/contracts';
import { awaitRedisReply } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { RawEntry } from '../domain/take-next.js';

/** Redis may be this much later than it was told, before the connection counts as dead. */
const GRACE_MS = 2_000;

/** The stream, on a connection of its own: a read that waits holds up every later command. */
export interface LogStream {
  /**
   * At most `count` entries after a position, in order. With `blockMs`, waits so long for a first one.
   * @throws Error where the connection is lost meanwhile, or Redis does not answer
   */
  read(after: number, count: number, blockMs: number): Promise<readonly RawEntry[]>;
  /** The position of the last entry that ever was on the stream, 0 where there is no stream. */
  lastPosition(): Promise<number>;
}

export const createLogStream = (redis: Redis): LogStream => ({
  async read(after, count, blockMs) {
    const answer = await awaitRedisReply(
      redis,
      blockMs > 0
        ? redis.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', LOG_STREAM, toStreamId(after))
        : redis.xread('COUNT', count, 'STREAMS', LOG_STREAM, toStreamId(after)),
      blockMs + GRACE_MS,
    );
    return answer?.[0]?.[1] ?? [];
  },
  lastPosition: () => awaitRedisReply(redis, lastPositionOf(redis), GRACE_MS),
});

/** The position of the last entry that ever was on the stream, 0 where there is no stream. */
export async function lastPositionOf(redis: Redis): Promise<number> {
  try {
    const info = (await redis.xinfo('STREAM', LOG_STREAM)) as unknown[];
    const id = String(info[info.indexOf('last-generated-id') + 1]);
    return Number(id.split('-')[0]);
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 0;
    throw error;
  }
}
