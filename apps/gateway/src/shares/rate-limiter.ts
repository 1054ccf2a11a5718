import { createAllowanceRate, ExpectedError, type AllowanceRate } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';
import type { CallerShare, ShareKind } from './caller-share.js';
import type { ShareSettlement } from './share-settlement.js';

/**
 * Cost of a request until it is judged: of one that is not JSON, or whose document is rejected. Much more than that of a small
 * operation, because reading a wrong request can take as long as answering a right one.
 */
const UNJUDGED_REQUEST_COST = 100;
/** Cost of a signed request until its signature is verified. To read and verify a small body takes hardly longer than to refuse it. */
const SIGNATURE_CHECK_COST = 10;
/** Bytes of a body that cost 1, besides {@link SIGNATURE_CHECK_COST}, if its signature is wrong. */
const WRONGLY_SIGNED_BYTES_PER_COST = 1_000;
/** Cost of planning an operation, besides its own. */
const PLANNING_COST = 500;
/** A rejected document costs 1 for this number of characters, besides {@link UNJUDGED_REQUEST_COST}. */
const REJECTED_CHARACTERS_PER_COST = 100;
/** Bytes of a body or message that cost 1, except for its first ones, see `TrafficMeter`. To parse JSON takes up to 2 µs per 100 bytes. */
const BYTES_PER_COST = 100;
/** Cost of opening a WebSocket. */
export const SOCKET_COST = 10;
/** Cost of a WebSocket message that starts no operation, and of a refused operation on a WebSocket, after the free ones. */
const MESSAGE_COST = 50;
/** A client that sends messages worth this part of its burst after its allowance is used up is disconnected. */
const MAX_OVERDRAFT_RATIO = 0.1;

/** Limits the cost of callers' operations per minute. */
export interface RateLimiter {
  /** Number of refusals for lack of allowance. */
  readonly refusalCount: number;
  /**
   * Takes the cost of a request before it is read.
   * @throws ExpectedError RATE_LIMITED
   */
  reserve(share: CallerShare): void;
  /**
   * Replaces what was reserved for a request by the cost of its operation; at least 1.
   * @param isPlanned otherwise, the cost of planning is added
   * @throws ExpectedError RATE_LIMITED; what was reserved then stays taken, so that a caller without allowance cannot have requests
   *   judged without end
   */
  charge(share: CallerShare, cost: number, isPlanned: boolean): void;
  /**
   * Reserves the cost of a request from its sender, whose signature is now verified, and gives back what was reserved for the check.
   * @param checked the share of kind `unverified` that `reserve` has used
   * @throws ExpectedError RATE_LIMITED; nothing is then given back
   */
  moveReservation(checked: CallerShare, sender: CallerShare): void;
  /** Takes the cost of a body whose signature is wrong, besides what was reserved. */
  chargeWrongSignature(share: CallerShare, byteCount: number): void;
  /**
   * Takes the cost of an event of a subscription before it is executed; at least 1.
   * @param nowMs the time of the event by the clock of the rate limiter
   * @throws ExpectedError RATE_LIMITED, without an HTTP status. It names the time after which the client can subscribe again
   */
  chargeEvent(share: CallerShare, cost: number, nowMs: number): void;
  /** Takes a cost without a reservation. @throws ExpectedError RATE_LIMITED */
  take(share: CallerShare, cost: number): void;
  /** Takes the cost of bytes before they are parsed. @throws ExpectedError RATE_LIMITED */
  chargeBytes(share: CallerShare, byteCount: number): void;
  /**
   * Takes the cost of a WebSocket message that starts no operation, even if the allowance does not cover it.
   * @throws ExpectedError RATE_LIMITED if the client has gone on for long after its allowance was used up
   */
  chargeMessage(share: CallerShare): void;
  /** Takes the cost of a document that was rejected, besides what was reserved. */
  chargeRejectedDocument(share: CallerShare, document: string): void;
  /** The cost that the caller can use now. */
  getRemaining(share: CallerShare): number;
}

/** @param now a monotonic clock in milliseconds */
export function createRateLimiter(
  settlement: Pick<ShareSettlement, 'onUse'>,
  now = () => performance.now(),
): RateLimiter {
  let refusalCount = 0;
  const take = (share: CallerShare, cost: number, reserved: number) => {
    const nowMs = now();
    const waitMs = share.allowance.take(cost, nowMs, reserved);
    if (waitMs > 0) {
      refusalCount += 1;
      throw createRateLimitedError(waitMs);
    }
    settlement.onUse(share, nowMs);
  };
  const getRequestWaitMs = ({ allowance }: CallerShare, nowMs: number) =>
    allowance.getWaitMs(UNJUDGED_REQUEST_COST, nowMs);
  const takeAnyway = (share: CallerShare, cost: number) => {
    const nowMs = now();
    share.allowance.takeAnyway(cost, nowMs);
    settlement.onUse(share, nowMs);
  };
  return {
    get refusalCount() {
      return refusalCount;
    },
    reserve: (share) =>
      take(share, share.kind === 'unverified' ? SIGNATURE_CHECK_COST : UNJUDGED_REQUEST_COST, 0),
    charge: (share, cost, isPlanned) =>
      take(share, Math.max(1, cost) + (isPlanned ? 0 : PLANNING_COST), UNJUDGED_REQUEST_COST),
    moveReservation(checked, sender) {
      take(sender, UNJUDGED_REQUEST_COST, 0);
      checked.allowance.giveBack(SIGNATURE_CHECK_COST);
      settlement.onUse(checked, now());
    },
    chargeWrongSignature: (share, byteCount) =>
      takeAnyway(share, Math.floor(byteCount / WRONGLY_SIGNED_BYTES_PER_COST)),
    chargeEvent(share, cost, nowMs) {
      const waitMs = share.allowance.take(Math.max(1, cost), nowMs);
      if (waitMs > 0) {
        refusalCount += 1;
        throw createEventRefusal(Math.max(waitMs, getRequestWaitMs(share, nowMs)));
      }
      settlement.onUse(share, nowMs);
    },
    take: (share, cost) => take(share, cost, 0),
    chargeBytes: (share, byteCount) => take(share, Math.ceil(byteCount / BYTES_PER_COST), 0),
    chargeMessage(share) {
      const nowMs = now();
      share.allowance.takeAnyway(MESSAGE_COST, nowMs);
      settlement.onUse(share, nowMs);
      if (share.allowance.isOverdrawn(MAX_OVERDRAFT_RATIO, nowMs)) {
        refusalCount += 1;
        throw createRateLimitedError(share.allowance.getWaitMs(MESSAGE_COST, nowMs));
      }
    },
    chargeRejectedDocument: (share, document) =>
      takeAnyway(share, Math.ceil(document.length / REJECTED_CHARACTERS_PER_COST)),
    getRemaining: (share) => share.allowance.getRemaining(now()),
  };
}

/** @param waitMs after which the request can succeed */
export const createRateLimitedError = (
  waitMs: number,
  reason = 'You have used up your allowance of cost per minute.',
): ExpectedError => createTooManyError('RATE_LIMITED', reason, waitMs);

/** An error with the status 429 and the header `Retry-After`. The message ends with the time to wait. */
export function createTooManyError(code: string, reason: string, waitMs: number): ExpectedError {
  const retryAfter = toRetryAfter(waitMs);
  return new ExpectedError(code, `${reason} Try again in ${formatSeconds(retryAfter)}.`, {
    retryAfter,
    http: { status: 429, headers: { 'retry-after': String(retryAfter) } },
  });
}

/** The end of a subscription. Its response has begun, so that it has no HTTP status. */
function createEventRefusal(waitMs: number): ExpectedError {
  const retryAfter = toRetryAfter(waitMs);
  return new ExpectedError(
    'RATE_LIMITED',
    `Your allowance of cost per minute does not cover the next event. Subscribe again in ${formatSeconds(retryAfter)}.`,
    { retryAfter },
  );
}

const toRetryAfter = (waitMs: number): number => Math.max(1, Math.ceil(waitMs / 1_000));

const formatSeconds = (count: number): string => `${count} ${count === 1 ? 'second' : 'seconds'}`;

/** Returns the function that finds the rate of a caller by its kind and tier. */
export function createRateResolver(
  config: GatewayConfig,
): (kind: ShareKind, tier: string | undefined) => AllowanceRate {
  const limits: Readonly<Record<ShareKind, readonly [costPerMinute: number, burst: number]>> = {
    anonymous: [config.RATE_LIMIT_ANONYMOUS, config.RATE_BURST_ANONYMOUS],
    unverified: [config.RATE_LIMIT_ANONYMOUS, config.RATE_BURST_ANONYMOUS],
    device: [config.RATE_LIMIT_DEVICE, config.RATE_BURST_DEVICE],
    customer: [config.RATE_LIMIT_CUSTOMER, config.RATE_BURST_CUSTOMER],
    operator: [config.RATE_LIMIT_OPERATOR, config.RATE_BURST_OPERATOR],
  };
  return (kind, tier) => {
    const [costPerMinute, burst] = limits[kind];
    const factor = (tier === undefined ? undefined : config.RATE_LIMIT_TIERS.get(tier)) ?? 1;
    return createAllowanceRate(costPerMinute * factor, burst * factor);
  };
}
