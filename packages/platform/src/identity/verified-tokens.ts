import type { Caller } from './caller.js';
import { CLOCK_TOLERANCE_S, type Verify } from './verifier.js';

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
 * @returns what gives the caller of a token that it knows at once
 */
export function rememberVerified(
  verify: Verify,
  now: () => number = Date.now,
): (token: string) => Caller | Promise<Caller> {
  const known = new Map<string, Verified>();
  const verifyNow = async (token: string) => {
    known.delete(token);
    const at = now();
    const caller = await verify(token);
    // The oldest goes first: all are checked again within a minute anyway.
    const [oldest] = known.keys();
    if (known.size >= CAPACITY && oldest !== undefined) known.delete(oldest);
    known.set(token, { caller, at });
    return caller;
  };
  return (token) => {
    const found = known.get(token);
    return found && isStillGood(found, now()) ? found.caller : verifyNow(token);
  };
}

/** A clock that was set back must not prolong it. */
const isStillGood = ({ caller, at }: Verified, now: number): boolean =>
  now >= at && now - at < TRUST_MS && now < caller.expiresAt + CLOCK_TOLERANCE_S * 1_000;
