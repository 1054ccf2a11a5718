import type { Redis } from 'ioredis';
import { lastPositionOf } from './log-stream.js';

/** How far the read model is behind the stream, as it was last seen. */
export interface Lag {
  /** Log entries; undefined until the stream was seen. */
  readonly entries: number | undefined;
  /** Looks where the stream ends. While Redis is away, what was last seen stands. */
  refresh(): Promise<void>;
}

/** @param redis not the projector's own connection: its commands wait behind its reads */
export function createLag(redis: Redis, position: () => number): Lag {
  let end: number | undefined;
  return {
    get entries() {
      return end === undefined ? undefined : Math.max(0, end - position());
    },
    async refresh() {
      end = await lastPositionOf(redis).catch(() => end);
    },
  };
}
