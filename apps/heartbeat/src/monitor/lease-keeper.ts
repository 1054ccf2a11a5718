import type { ClockReading, HealthReport } from '@seguridad-abc/contracts';
import { getErrorMessage, type Logger, type RedisPubSubClient } from '@seguridad-abc/platform';
import {
  applyForeignReport,
  applyLeaseGrant,
  applyLeaseRefusal,
  applyLeaseRelease,
  applyUnwritableRedis,
  createSpeakerLease,
  createSpeakerLeaseSettings,
  getLeaseRequest,
  holdsLease,
} from '../domain/speaker-lease.js';
import { UnwritableRedisError, type SpeakerChannel } from './speaker-channel.js';

export interface LeaseKeeperOptions {
  readonly channel: Pick<SpeakerChannel, 'acquire' | 'renew' | 'release'>;
  readonly publisher: Pick<RedisPubSubClient['publisher'], 'status'>;
  readonly intervalMs: number;
  /** The term of the report that this monitor knows from its previous run. 0 for none. */
  readonly highestTerm: number;
  readonly readClock: () => ClockReading;
  /** Whether the last published report is of interest. */
  readonly wantsReport: () => boolean;
  /**
   * Called when this monitor holds the lease, and again until `isSpeaking` is true.
   * @param report the last published one, if it was asked for
   */
  readonly onGranted: (report: HealthReport | undefined) => Promise<void>;
  readonly isSpeaking: () => boolean;
  /** Called when the lease is over, has a new term, or is refused. */
  readonly onLost: () => void;
  /** Called with the last report of the monitor that holds the lease, if it was asked for. */
  readonly onHeard: (report: HealthReport) => void;
  readonly logger: Logger;
}

/** Keeps the lease of the speaker in Redis: asks for it, renews it, and notices when it is over. */
export interface LeaseKeeper {
  readonly leaseMs: number;
  /** The term in which this monitor may speak now. */
  readonly term: number | undefined;
  /** The highest term that this monitor knows. */
  readonly highestTerm: number;
  /** Whether this monitor speaks without a lease, because Redis stores none. */
  readonly isUnfenced: boolean;
  /** Why the lease cannot be used, as one clause: Redis refuses its commands. */
  readonly fault: string | undefined;
  /** Asks Redis for what is due. Never throws. */
  keep(): Promise<void>;
  /** Notes that Redis has published a report of this monitor, and renewed the lease. */
  noteSpoken(term: number, sentAtMs: number): void;
  /** Notes that Redis has refused a report, because another monitor has the lease. */
  noteRefused(term: number): void;
  /** Notes that a request has failed. */
  noteError(error: unknown, requestedAtMs: number): void;
  /** Notes a report of another monitor. @returns false if it is of an older term */
  hear(report: HealthReport): boolean;
  /** Gives the lease back, so that another monitor takes it. */
  release(): Promise<void>;
}

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const {
    channel,
    publisher,
    intervalMs,
    readClock,
    wantsReport,
    onGranted,
    isSpeaking,
    onLost,
    onHeard,
    logger,
  } = options;
  const settings = createSpeakerLeaseSettings(intervalMs);
  const { leaseMs } = settings;
  const readMonotonicClock = () => readClock().monotonicMs;
  let lease = createSpeakerLease(settings, options.highestTerm, readMonotonicClock());
  let isRequested = false;
  let fault: string | undefined;
  /** The last published report, as Redis returned it with the lease, until this monitor speaks. */
  let grantedReport: HealthReport | undefined;

  const getTerm = () => (holdsLease(lease, readMonotonicClock()) ? lease.term : undefined);
  const refuse = () => {
    lease = applyLeaseRefusal(lease);
    onLost();
  };
  const renew = async (requestedAtMs: number) => {
    const { term } = lease;
    if (term === undefined) return;
    const isRenewed = await channel.renew(term, leaseMs);
    fault = undefined;
    if (lease.term !== term) return;
    if (isRenewed) lease = applyLeaseGrant(lease, term, requestedAtMs);
    else refuse();
  };
  const acquire = async (requestedAtMs: number) => {
    const { term, report } = await channel.acquire({
      leaseMs,
      minTerm: lease.highestTerm,
      wantsReport: wantsReport(),
    });
    fault = undefined;
    if (term === undefined) {
      refuse();
      if (report) onHeard(report);
      return;
    }
    if (term !== lease.term) onLost();
    lease = applyLeaseGrant(lease, term, requestedAtMs);
    grantedReport = report;
    await beginToSpeak();
  };
  /** Can fail, and is then repeated with the same report. */
  const beginToSpeak = async () => {
    await onGranted(grantedReport);
    if (isSpeaking()) grantedReport = undefined;
  };
  const noteError = (error: unknown, requestedAtMs: number) => {
    if (error instanceof UnwritableRedisError) {
      const { monotonicMs: nowMs, wallMs } = readClock();
      lease = applyUnwritableRedis(lease, { requestedAtMs, nowMs, wallMs });
      return;
    }
    const message = getErrorMessage(error);
    // An error reply, unlike a lost connection, does not go away by itself.
    const isReply = error instanceof Error && error.name === 'ReplyError';
    if (isReply && fault === undefined)
      logger.error({ err: error }, 'Redis refuses the lease of the speaker');
    else logger.debug({ error: message }, 'the lease of the speaker could not be asked for');
    if (isReply) fault = `Redis refuses the lease of the speaker: ${message}`;
  };

  return {
    leaseMs,
    get term() {
      return getTerm();
    },
    get highestTerm() {
      return lease.highestTerm;
    },
    get isUnfenced() {
      return lease.isUnfenced;
    },
    get fault() {
      return fault;
    },
    async keep() {
      const requestedAtMs = readMonotonicClock();
      if (isSpeaking() && getTerm() === undefined) onLost();
      if (isRequested || publisher.status !== 'ready') return;
      isRequested = true;
      const request = getLeaseRequest(lease, requestedAtMs);
      try {
        if (request === 'renew') await renew(requestedAtMs);
        else if (request === 'acquire') await acquire(requestedAtMs);
        else if (getTerm() !== undefined && !isSpeaking()) await beginToSpeak();
      } catch (error) {
        noteError(error, requestedAtMs);
      } finally {
        isRequested = false;
      }
    },
    noteSpoken(term, sentAtMs) {
      if (lease.term === term) lease = applyLeaseGrant(lease, term, sentAtMs);
    },
    noteRefused(term) {
      if (lease.term === term) refuse();
    },
    noteError,
    hear(report) {
      const { term = 0, isUnfenced = false } = report;
      if (term < lease.highestTerm) return false;
      lease = applyForeignReport(lease, { term, isUnfenced }, readMonotonicClock());
      return true;
    },
    async release() {
      const { term, isUnfenced } = lease;
      if (term === undefined || isUnfenced) return;
      lease = applyLeaseRelease(lease, readMonotonicClock());
      onLost();
      await channel.release(term);
    },
  };
}
