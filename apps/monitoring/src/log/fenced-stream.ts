import { randomUUID } from 'node:crypto';
import { toStreamFields, toStreamId, type LogEntry } from '@seguridad-abc/contracts';
import { FollowerProblemError } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { EventLog } from './event-log.js';

/**
 * Stores a fence (ARGV[1]) and returns 1. Removes the stream if that is wanted (ARGV[3]), or if the fence is not the one that was stored
 * last (ARGV[2], if it is known): Redis may then have come back with an older state, in which erased entries may be. If the last entry
 * of the stream is of a log whose id is not among those from ARGV[5] on, it does nothing and returns 0, unless that stream is replaced
 * too (ARGV[4]).
 */
const CLAIM_SCRIPT = `
local function isOfAnotherLog()
  if redis.call('EXISTS', KEYS[1]) == 0 then return false end
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  local last
  for i = 1, #info, 2 do
    if info[i] == 'last-entry' then last = info[i + 1] end
  end
  if not last then return false end
  for i = 1, #last[2], 2 do
    if last[2][i] == 'logId' then
      for own = 5, #ARGV do
        if last[2][i + 1] == ARGV[own] then return false end
      end
    end
  end
  return true
end
if ARGV[4] ~= '1' and isOfAnotherLog() then return 0 end
local stored = redis.call('GET', KEYS[2])
if ARGV[3] == '1' or (ARGV[2] ~= '' and stored ~= ARGV[2] and stored ~= ARGV[1]) then redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[2], ARGV[1])
return 1`;

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
  /** The log of the stream, which also keeps the last fence: all relays of the log know it. */
  readonly eventLog: Pick<EventLog, 'getLogIds' | 'getStreamFence' | 'storeStreamFence'>;
}

/** A removal of the stream that was requested. */
export interface RequestedRemoval {
  /** Whether Redis has removed the stream since. */
  readonly isDone: boolean;
}

/**
 * The Redis Stream, as one relay writes it. Redis adds entries only under the fence that the relay has claimed before it read them: a
 * random value. Each relay that begins, and each removal of the stream, has a new one. So a page that was read before an erasure
 * cannot reach the stream after its removal, however long its process was frozen or its command was on the way.
 */
export interface FencedStream {
  /** To be called when a relay begins: another one may have written the stream before. */
  forgetClaim(): void;
  /** Lets the next `claim` remove the stream. */
  requestRemoval(): RequestedRemoval;
  /**
   * Makes Redis refuse what was read before, by this relay and others.
   * @param replacesAnyLog whether the stream may be that of another log. By default, such a stream stays as it is
   * @returns the fence under which entries can be published that are read from now on; undefined if the stream is that of another log
   */
  claim(replacesAnyLog?: boolean): Promise<string | undefined>;
  /**
   * Adds entries in order under their positions. Redis refuses an id that it already has, which counts as success.
   * @param fence of the `claim` after which the entries were read
   * @returns the size of the entries
   * @throws FollowerProblemError if Redis has another fence
   * @throws Error if an entry could not be added; those before it may be
   */
  publish(fence: string | undefined, entries: readonly LogEntry[]): Promise<number>;
}

export function createFencedStream({
  redis,
  stream,
  fenceKey,
  maxLength,
  eventLog,
}: FencedStreamOptions): FencedStream {
  /** The fence of the next claim. */
  let nextFence = randomUUID() as string;
  /** The fence that Redis has stored last for this relay. */
  let claimed: string | undefined;
  /** The fence that the database has stored last for this relay. */
  let recorded: string | undefined;
  const removals = { requested: 0, done: 0 };
  return {
    forgetClaim() {
      nextFence = randomUUID();
      claimed = undefined;
    },
    requestRemoval() {
      nextFence = randomUUID();
      const removal = ++removals.requested;
      return {
        get isDone() {
          return removals.done >= removal;
        },
      };
    },
    async claim(replacesAnyLog = false) {
      const fence = nextFence;
      const { requested } = removals;
      const toFlag = (isSet: boolean) => (isSet ? '1' : '0');
      const reply = await redis.eval(
        CLAIM_SCRIPT,
        2,
        stream,
        fenceKey,
        fence,
        claimed ?? (await eventLog.getStreamFence()) ?? '',
        toFlag(requested > removals.done),
        toFlag(replacesAnyLog),
        ...(await eventLog.getLogIds()),
      );
      if (reply !== 1) return undefined;
      claimed = fence;
      // Before anything is published, and before an erasure may end. If this process ends in between, the next relay fills the stream again.
      if (recorded !== fence) await eventLog.storeStreamFence(fence);
      recorded = fence;
      removals.done = requested;
      return fence;
    },
    async publish(fence, entries) {
      const args: (string | number)[] = [];
      let bytes = 0;
      for (const entry of entries) {
        const fields = toStreamFields(entry);
        for (const field of fields) bytes += Buffer.byteLength(field);
        args.push(fields.length, toStreamId(entry.position), ...fields);
      }
      // Redis never has an empty fence.
      const reply = await redis.eval(PUBLISH_SCRIPT, 2, stream, fenceKey, fence ?? '', maxLength, ...args);
      if (reply !== 1)
        throw new FollowerProblemError(
          'waiting',
          `another relay writes the stream, or Redis has lost ${fenceKey}`,
        );
      return bytes;
    },
  };
}
