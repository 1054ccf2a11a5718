import type { Caller } from './caller.js';
import { CLOCK_TOLERANCE_SECONDS } from './token-verifier.js';

/** For so long a token that was seen before is taken without a look at its key. */
const TRUST_MS = 60_000; // 1 minute
const CAPACITY = 10_000;

interface Verified {
  readonly caller: Caller;
  /** By the wall clock, in ms. */
  readonly at: number;
}

/**
 * Checks each token's signature once instead of at each request: that costs more than all else of a request. Once a minute it
 * is asked whether its key is still trusted.
 * @returns what gives the caller of an authorization that it knows at once, and as the same object
 */
export function cacheVerifiedTokens(
  verify: (authorization: unknown) => Promise<Caller>,
  isTrusted: (caller: Caller) => Promise<boolean>,
  now: () => number = Date.now,
): (authorization: unknown) => Caller | Promise<Caller> {
  const known = new Map<unknown, Verified>();
  const check = async (authorization: unknown, before: Verified | undefined) => {
    known.delete(authorization);
    const at = now();
    const isSame = before && !isOver(before, at) && (await isTrusted(before.caller));
    const caller = isSame ? before.caller : await verify(authorization);
    // The oldest goes first: all are checked again within a minute anyway.
    const [oldest] = known.keys();
    if (known.size >= CAPACITY && oldest !== undefined) known.delete(oldest);
    known.set(authorization, { caller, at });
    return caller;
  };
  return (authorization) => {
    const found = known.get(authorization);
    return found && isFresh(found, now()) ? found.caller : check(authorization, found);
  };
}

const isFresh = (verified: Verified, now: number): boolean =>
  !isOver(verified, now) && now - verified.at < TRUST_MS;

/** A clock that was set back must not prolong it. */
const isOver = ({ caller, at }: Verified, now: number): boolean =>
  now < at || now >= caller.expiresAt + CLOCK_TOLERANCE_SECONDS * 1_000;
