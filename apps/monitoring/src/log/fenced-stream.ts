import { randomUUID } from 'node:crypto';
import { toStreamFields, toStreamId, type LogEntry } from '@seguridad-abc/contracts';
import { FollowerProblemError } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';

/**
 * Stores a fence. Removes the stream if that is wanted (ARGV[3]), or if the fence is not the one that this relay has stored last
 * (ARGV[2], if it is known): Redis may then have come back with an older state, in which erased entries may be.
 */
const CLAIM_SCRIPT = `
local stored = redis.call('GET', KEYS[2])
if ARGV[3] == '1' or (ARGV[2] ~= '' and stored ~= ARGV[2]) then redis.call('DEL', KEYS[1]) end
if stored ~= ARGV[1] then redis.call('SET', KEYS[2], ARGV[1]) end`;

/**
 * Adds entries if the fence (ARGV[1]) is still stored. After the maximum length of the stream (ARGV[2]), each entry has the number of
 * its fields with their values, its id, and the fields. An id that Redis already has counts as success. Returns 0 if the fence is another one.
 */
const PUBLISH_SCRIPT = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local i = 3
while i < #ARGV do
  local last = i + 1 + ARGV[i]
  local added = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], unpack(ARGV, i + 1, last))
  if type(added) == 'table' and added.err and not string.find(added.err, 'equal or smaller', 1, true) then return added end
  i = last + 1
end
return 1`;

export interface FencedStreamOptions {
  readonly redis: Redis;
  /** The name of the Redis Stream. */
  readonly stream: string;
  /** The key of the fence. */
  readonly fenceKey: string;
  /** Redis keeps approximately this number of entries on the stream. */
  readonly maxLength: number;
}

/**
 * The Redis Stream, as one relay writes it. Redis adds entries only under the fence that the relay has claimed before it read them: a
 * random value. Each relay that begins, and each removal of the stream, has a new one. So a page that was read before an erasure
 * cannot reach the stream after its removal, however long its process was frozen or its command was on the way.
 */
export interface FencedStream {
  /** To be called when a relay begins: another one may have written the stream before. */
  begin(): void;
  /** Lets the next `claim` remove the stream. @returns whether one has done so */
  requestRemoval(): () => boolean;
  /**
   * Makes Redis refuse what was read before, by this relay and others.
   * @returns the fence under which entries can be published that are read from now on
   */
  claim(): Promise<string>;
  /**
   * Adds entries in order under their positions. Redis refuses an id that it already has, which counts as success.
   * @param fence of the `claim` after which the entries were read
   * @returns the size of the entries
   * @throws FollowerProblemError if Redis has another fence
   * @throws Error if an entry could not be added; those before it may be
   */
  publish(fence: string, entries: readonly LogEntry[]): Promise<number>;
}

export function createFencedStream({
  redis,
  stream,
  fenceKey,
  maxLength,
}: FencedStreamOptions): FencedStream {
  /** The fence of the next claim. */
  let fence = randomUUID() as string;
  /** The fence that Redis has stored last for this relay. */
  let claimed: string | undefined;
  const removals = { requested: 0, done: 0 };
  return {
    begin() {
      fence = randomUUID();
      claimed = undefined;
    },
    requestRemoval() {
      fence = randomUUID();
      const removal = ++removals.requested;
      return () => removals.done >= removal;
    },
    async claim() {
      const next = fence;
      const { requested } = removals;
      const removes = requested > removals.done ? '1' : '0';
      await redis.eval(CLAIM_SCRIPT, 2, stream, fenceKey, next, claimed ?? '', removes);
      claimed = next;
      removals.done = requested;
      return next;
    },
    async publish(readUnder, entries) {
      const args: (string | number)[] = [];
      let bytes = 0;
      for (const entry of entries) {
        const fields = toStreamFields(entry);
        for (const field of fields) bytes += Buffer.byteLength(field);
        args.push(fields.length, toStreamId(entry.position), ...fields);
      }
      const reply = await redis.eval(PUBLISH_SCRIPT, 2, stream, fenceKey, readUnder, maxLength, ...args);
      if (reply !== 1)
        throw new FollowerProblemError(
          'waiting',
          `another relay writes the stream, or Redis has lost ${fenceKey}`,
        );
      return bytes;
    },
  };
}
