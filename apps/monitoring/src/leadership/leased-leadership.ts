import type { Logger } from '@seguridad-abc/platform';
import { LostLeadershipError, type Leadership } from './leadership.js';
import type { Lease } from './lease.js';

/** How long a lease lasts without renewal. Another instance takes it over a moment later. */
export const LEASE_TTL_MS = 3_000;
/** The pause between two renewals, and between two tries to get the lease. */
const RENEWAL_INTERVAL_MS = 1_000;

/** A leadership that depends on a lease, which instances take from each other when it is not renewed. */
export interface LeasedLeadership extends Leadership {
  /** Tries to get the lease for the first time, then goes on. */
  start(): Promise<void>;
  /** Gives the lease back, so that another instance need not wait for its end. */
  stop(): Promise<void>;
}

export interface LeasedLeadershipOptions {
  /** On a connection that nothing else keeps busy. */
  readonly lease: Pick<Lease, 'acquire' | 'release'>;
  /** On the connection of the transactions. */
  readonly fence: Pick<Lease, 'isHeld'>;
  readonly logger: Logger;
  /** @default 3 s */
  readonly ttlMs?: number | undefined;
  /** @default 1 s */
  readonly intervalMs?: number | undefined;
}

/**
 * Leads while it has the lease. The instance trusts its lease for its time only, counted from before the renewal was sent and by
 * the monotonic clock. A process that was frozen may still believe that it leads: so each transaction also asks for the fencing token.
 */
export function createLeasedLeadership({
  lease,
  fence,
  logger,
  ttlMs = LEASE_TTL_MS,
  intervalMs = RENEWAL_INTERVAL_MS,
}: LeasedLeadershipOptions): LeasedLeadership {
  const electedListeners = new Set<() => void>();
  const deposedListeners = new Set<() => void>();
  let token: number | undefined;
  let validUntilMs = -Infinity;
  let expiry: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let hasFailed = false;
  let trying = Promise.resolve();

  const isLeader = () => token !== undefined && performance.now() < validUntilMs;

  const depose = (reason: string) => {
    clearTimeout(expiry);
    if (token === undefined) return;
    logger.warn({ lease: token, reason }, 'this instance does not lead any more');
    token = undefined;
    validUntilMs = -Infinity;
    for (const listener of deposedListeners) listener();
  };

  const keep = (next: number, askedAt: number) => {
    // It was lost and won again meanwhile: what the other holder has done is not known here.
    if (token !== undefined && token !== next) depose('another instance has led meanwhile');
    if (!isLeader()) depose('the lease was not renewed in time');
    const isNew = token === undefined;
    token = next;
    validUntilMs = askedAt + ttlMs;
    clearTimeout(expiry);
    expiry = setTimeout(() => depose('the lease was not renewed in time'), validUntilMs - performance.now());
    if (!isNew) return;
    logger.info({ lease: token }, 'this instance leads');
    for (const listener of electedListeners) listener();
  };

  const tryOnce = async () => {
    const askedAt = performance.now();
    try {
      const granted = await lease.acquire(ttlMs);
      if (hasFailed) logger.info('the lease of the leader can be asked for again');
      hasFailed = false;
      if (granted === undefined) depose('another instance has the lease');
      // An answer that comes too late says nothing about the present.
      else if (!isStopped && performance.now() < askedAt + ttlMs) keep(granted, askedAt);
    } catch (error) {
      // One line for a failure that lasts, not one for each try.
      if (!hasFailed)
        logger.error({ err: error }, 'the lease of the leader cannot be asked for; trying again');
      hasFailed = true;
    }
  };

  const goOn = (askedAt: number) => {
    if (isStopped) return;
    // An answer that took long leaves little of the lease.
    const pauseMs = Math.max(0, intervalMs - (performance.now() - askedAt));
    timer = setTimeout(() => {
      const nextAskedAt = performance.now();
      trying = tryOnce().then(() => goOn(nextAskedAt));
    }, pauseMs);
  };

  return {
    isLeader,
    async assertLeader() {
      if (isLeader() && token !== undefined && (await fence.isHeld(token))) return;
      depose('another instance has the lease');
      throw new LostLeadershipError();
    },
    onElected(listener) {
      electedListeners.add(listener);
      if (isLeader()) listener();
      return () => void electedListeners.delete(listener);
    },
    onDeposed(listener) {
      deposedListeners.add(listener);
      return () => void deposedListeners.delete(listener);
    },
    async start() {
      const askedAt = performance.now();
      await tryOnce();
      goOn(askedAt);
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await trying;
      const held = token;
      depose('the service stops');
      if (held !== undefined) await lease.release(held);
    },
  };
}
