import type { Caller } from './caller.js';
import { CLOCK_TOLERANCE_S } from './verifier.js';

/** A key that is taken back stops being good for tokens that were seen before after this. */
const TRUST_MS = 60_000; // 1 minute
const CAPACITY = 10_000;

interface Verified {
  readonly caller: Caller;
  /** By the wall clock, in ms. */
  readonly at: number;
}

/**
 * Checks each token's signature once a minute instead of at each request: that costs more than all else of a request.
 * @returns what gives the caller of an authorization that it knows at once, and as the same object
 */
export function rememberVerified(
  verify: (authorization: unknown) => Promise<Caller>,
  now: () => number = Date.now,
): (authorization: unknown) => Caller | Promise<Caller> {
  const known = new Map<unknown, Verified>();
  const verifyNow = async (authorization: unknown) => {
    known.delete(authorization);
    const at = now();
    const caller = await verify(authorization);
    // The oldest goes first: all are checked again within a minute anyway.
    const [oldest] = known.keys();
    if (known.size >= CAPACITY && oldest !== undefined) known.delete(oldest);
    known.set(authorization, { caller, at });
    return caller;
  };
  return (authorization) => {
    const found = known.get(authorization);
    return found && isStillGood(found, now()) ? found.caller : verifyNow(authorization);
  };
}

/** A clock that was set back must not prolong it. */
const isStillGood = ({ caller, at }: Verified, now: number): boolean =>
  now >= at && now - at < TRUST_MS && now < caller.expiresAt + CLOCK_TOLERANCE_S * 1_000;
