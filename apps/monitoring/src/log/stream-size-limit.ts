import { getErrorMessage, type Logger } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';

export interface StreamSizeLimitOptions {
  readonly redis: Redis;
  /** The name of the Redis Stream. */
  readonly stream: string;
  /** Memory that the stream may use in Redis. */
  readonly maxBytes: number;
  readonly logger: Logger;
}

/** Limits the memory that the Redis Stream uses. Redis itself can limit its length only. */
export interface StreamSizeLimit {
  /**
   * To be called after entries were published. Now and then it measures the stream, and removes its oldest entries if it is too
   * large. Readers that still need them read the event log. Never rejects.
   */
  enforce(published: { readonly entries: number; readonly bytes: number }): Promise<void>;
}

/** The stream is measured after it has grown by this part of its limit. */
const MEASURED_PART = 1 / 16;
/** A trimmed stream is smaller than its limit by this part, so that it is not trimmed after each entry. */
const TRIMMED_PART = 0.9;
/** Entries differ in size, so the first estimate of how many to remove may be too low. */
const MAX_TRIMS = 5;

export function createStreamSizeLimit({
  redis,
  stream,
  maxBytes,
  logger,
}: StreamSizeLimitOptions): StreamSizeLimit {
  const total = { entries: 0, bytes: 0 };
  /** The first call measures what the stream holds from before. */
  let unmeasuredBytes = Infinity;
  let isRefusalLogged = false;

  /** A server may refuse the command. The average size of what was published is then an estimate. */
  const measureBytes = async (length: number): Promise<number> => {
    try {
      return (await redis.memory('USAGE', stream, 'SAMPLES', 0)) ?? 0;
    } catch (error) {
      if (!isRefusalLogged)
        logger.warn(
          { error: getErrorMessage(error) },
          'Redis does not measure the stream: its size is estimated. Allow MEMORY USAGE',
        );
      isRefusalLogged = true;
      return (length * total.bytes) / Math.max(1, total.entries);
    }
  };

  const trim = async () => {
    for (let trims = 0; trims < MAX_TRIMS; trims++) {
      const length = await redis.xlen(stream);
      const bytes = await measureBytes(length);
      if (bytes <= maxBytes || length <= 1) return;
      // At least the last entry stays: the relay continues after it.
      const keptLength = Math.max(1, Math.floor((length * TRIMMED_PART * maxBytes) / bytes));
      await redis.xtrim(stream, 'MAXLEN', keptLength);
      logger.debug({ bytes, maxBytes, length, keptLength }, 'the Redis stream was trimmed');
    }
  };

  return {
    async enforce({ entries, bytes }) {
      total.entries += entries;
      total.bytes += bytes;
      unmeasuredBytes += bytes;
      if (unmeasuredBytes < maxBytes * MEASURED_PART) return;
      unmeasuredBytes = 0;
      try {
        await trim();
      } catch (error) {
        logger.warn({ error: getErrorMessage(error) }, 'the size of the Redis stream could not be limited');
      }
    },
  };
}
