import { getErrorMessage, type Logger } from '@seguridad-abc/platform';
import type { Redis } from 'ioredis';
import type { CallerShare } from './caller-share.js';

/**
 * Adds what a gateway has used to the common instants, one per key, see `Allowance`. The arguments are the times in which the
 * used allowances return, in milliseconds. Returns how far ahead of the clock each instant is. A key expires when its whole
 * allowance has returned.
 */
const SETTLE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local debts = {}
for i, key in ipairs(KEYS) do
  local full_at = math.max(now, tonumber(redis.call('GET', key) or now)) + tonumber(ARGV[i])
  local debt = math.max(0, full_at - now)
  if debt > 0 then
    redis.call('SET', key, string.format('%.3f', full_at), 'PX', math.ceil(debt))
  else
    redis.call('DEL', key)
  end
  debts[i] = string.format('%.3f', debt)
end
return debts`;

/** A use is settled at the latest after this time. */
const INTERVAL_MS = 5_000;
/** Urgent settlements wait for others this long. */
const URGENT_DELAY_MS = 20;
/** A use of this part of the burst is settled at once. */
const URGENT_RATIO = 0.05;
/** Redis runs nothing else meanwhile. */
const MAX_SHARES_PER_SCRIPT = 100;

/** Tells Redis what callers have used of this gateway, and learns what they have used of others. */
export interface ShareSettlement {
  /** Called when the share was used. Returns at once: no request waits for Redis. */
  onUse(share: CallerShare, nowMs: number): void;
  close(): void;
}

export interface ShareSettlementOptions {
  /** Commands on it fail at once while Redis is away. Called at the first use. */
  readonly connect: () => Redis;
  /** Returns the name of a share in Redis, see `createShareNames`. */
  readonly getName: (shareKey: string) => string;
  readonly logger: Logger;
  /** The clock of the allowances. */
  readonly now: () => number;
}

/**
 * Creates the settlement of allowances over Redis. Each gateway knows the whole allowance of a caller and settles in slices:
 * at the first use after a pause, after a burst, and every five seconds. While Redis is away, each gateway enforces the whole
 * allowance by itself.
 */
export function createShareSettlement({
  connect,
  getName,
  logger,
  now,
}: ShareSettlementOptions): ShareSettlement {
  const planned = new Set<CallerShare>();
  const urgent = new Set<CallerShare>();
  let redis: Redis | undefined;
  let intervalTimer: NodeJS.Timeout | undefined;
  let urgentTimer: NodeJS.Timeout | undefined;
  let isFailing = false;
  let isClosed = false;

  const settleSome = async (redisClient: Redis, shares: readonly CallerShare[]) => {
    const keys = shares.map(({ key }) => getName(key));
    const used = shares.map(({ allowance }) => allowance.startSettlement().toFixed(3));
    try {
      const debts = (await redisClient.eval(SETTLE_SCRIPT, keys.length, ...keys, ...used)) as string[];
      const nowMs = now();
      for (const [index, { allowance }] of shares.entries())
        allowance.endSettlement(Number(debts[index] ?? 0), nowMs);
      isFailing = false;
    } catch (error) {
      // What could not be settled is forgotten: later it would count a second time.
      if (!isFailing && !isClosed)
        logger.warn(
          { error: getErrorMessage(error) },
          'rate limits cannot be settled with other gateways; each gateway enforces them by itself',
        );
      isFailing = true;
    }
  };

  const settleAll = (shares: Set<CallerShare>) => {
    const all = [...shares];
    shares.clear();
    redis ??= connect();
    const nowMs = now();
    for (const share of all) {
      share.settlement = 'none';
      share.settledAtMs = nowMs;
      if (redis.status !== 'ready') share.allowance.startSettlement();
    }
    if (redis.status !== 'ready') return;
    for (let start = 0; start < all.length; start += MAX_SHARES_PER_SCRIPT)
      void settleSome(redis, all.slice(start, start + MAX_SHARES_PER_SCRIPT));
  };

  const plan = (share: CallerShare, isUrgent: boolean) => {
    if (isClosed) return;
    if (isUrgent) {
      planned.delete(share);
      urgent.add(share);
      share.settlement = 'urgent';
      urgentTimer ??= setTimeout(() => {
        urgentTimer = undefined;
        settleAll(urgent);
      }, URGENT_DELAY_MS).unref();
    } else {
      planned.add(share);
      share.settlement = 'planned';
      intervalTimer ??= setTimeout(() => {
        intervalTimer = undefined;
        settleAll(planned);
      }, INTERVAL_MS).unref();
    }
  };

  return {
    onUse(share, nowMs) {
      if (share.settlement === 'urgent') return;
      const isUrgent =
        share.allowance.hasUnsettled(URGENT_RATIO) || nowMs - share.settledAtMs > 2 * INTERVAL_MS;
      if (isUrgent || share.settlement === 'none') plan(share, isUrgent);
    },
    close() {
      isClosed = true;
      clearTimeout(intervalTimer);
      clearTimeout(urgentTimer);
      redis?.disconnect();
    },
  };
}
