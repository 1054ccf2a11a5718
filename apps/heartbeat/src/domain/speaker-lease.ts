/** Times of the lease, in milliseconds. */
export interface SpeakerLeaseSettings {
  /** Redis frees the lease after this time without a renewal. */
  readonly leaseMs: number;
  /** The speaker renews the lease this long after the last time. */
  readonly renewAfterMs: number;
  /** A monitor that hears another one takes no lease in this time after its start: it may not know every process yet. */
  readonly warmUpMs: number;
  /** If Redis cannot store a lease, a monitor that has heard no other one for this time speaks without it. */
  readonly silenceMs: number;
}

const MIN_LEASE_MS = 500;
const MAX_LEASE_MS = 3_000;
const MAX_WARM_UP_MS = 4_000;

/** Derives the times from the heartbeat interval. Another monitor speaks at most 5 s after the last sign of a dead one. */
export function createSpeakerLeaseSettings(intervalMs: number): SpeakerLeaseSettings {
  const leaseMs = Math.min(MAX_LEASE_MS, Math.max(MIN_LEASE_MS, 1.5 * intervalMs));
  return {
    leaseMs,
    renewAfterMs: leaseMs / 3,
    warmUpMs: Math.min(2 * intervalMs, MAX_WARM_UP_MS),
    silenceMs: leaseMs + intervalMs,
  };
}

/**
 * What a monitor knows about the lease in Redis: only its holder, the speaker, publishes health reports. `docs/adr/0046-several-monitors.md`
 * explains the rules. All times are of this process's monotonic clock: a frozen speaker sees that its lease is over before it
 * publishes again.
 */
export interface SpeakerLease {
  readonly settings: SpeakerLeaseSettings;
  readonly startedAtMs: number;
  /** The term of this monitor as the speaker. Undefined: it is not the speaker. */
  readonly term: number | undefined;
  /** Redis keeps the lease at least until this time. */
  readonly validUntilMs: number;
  readonly renewedAtMs: number;
  /** Redis could not store the lease: this monitor speaks because it hears no other one. */
  readonly isUnfenced: boolean;
  /** The highest term in a report or of this monitor. */
  readonly highestTerm: number;
  /** When the last report of another monitor arrived. -Infinity before the first. */
  readonly heardAtMs: number;
  /** This monitor asks for no lease before this time. */
  readonly notBeforeMs: number;
}

export const createSpeakerLease = (
  settings: SpeakerLeaseSettings,
  highestTerm: number,
  nowMs: number,
): SpeakerLease => ({
  settings,
  startedAtMs: nowMs,
  term: undefined,
  validUntilMs: -Infinity,
  renewedAtMs: -Infinity,
  isUnfenced: false,
  highestTerm,
  heardAtMs: -Infinity,
  notBeforeMs: -Infinity,
});

/** Whether this monitor may publish now. */
export const holdsLease = ({ term, validUntilMs }: SpeakerLease, nowMs: number): boolean =>
  term !== undefined && nowMs < validUntilMs;

/** What to ask Redis now, if anything. */
export function getLeaseRequest(lease: SpeakerLease, nowMs: number): 'acquire' | 'renew' | undefined {
  const { settings, startedAtMs, renewedAtMs, isUnfenced, heardAtMs, notBeforeMs } = lease;
  if (holdsLease(lease, nowMs)) {
    if (nowMs - renewedAtMs < settings.renewAfterMs) return undefined;
    return isUnfenced ? 'acquire' : 'renew';
  }
  const isWarm = heardAtMs === -Infinity || nowMs - startedAtMs >= settings.warmUpMs;
  return isWarm && nowMs >= notBeforeMs ? 'acquire' : undefined;
}

/**
 * Applies that Redis granted or renewed the lease.
 * @param requestedAtMs when it was asked: the time of the lease counts from then, since the reply may have been delayed
 */
export const applyLeaseGrant = (lease: SpeakerLease, term: number, requestedAtMs: number): SpeakerLease => ({
  ...lease,
  term,
  highestTerm: Math.max(lease.highestTerm, term),
  validUntilMs: Math.max(
    requestedAtMs + lease.settings.leaseMs,
    lease.term === term ? lease.validUntilMs : 0,
  ),
  renewedAtMs: requestedAtMs,
  isUnfenced: false,
});

/** Applies that Redis refused the lease, or no longer has it. */
export const applyLeaseRefusal = (lease: SpeakerLease): SpeakerLease => ({ ...lease, term: undefined });

/**
 * Applies that this monitor has given the lease back, because it receives no heartbeats. Another monitor gets the time of one lease to
 * take it.
 */
export const applyLeaseRelease = (lease: SpeakerLease, nowMs: number): SpeakerLease => ({
  ...lease,
  term: undefined,
  notBeforeMs: nowMs + lease.settings.leaseMs,
});

/**
 * Applies a report of another monitor. The speaker of an older term, or of the same one, falls silent.
 * @param isUnfenced the other monitor speaks without a lease, which is free: this one leaves it to the other
 */
export function applyForeignReport(
  lease: SpeakerLease,
  { term, isUnfenced }: { readonly term: number; readonly isUnfenced: boolean },
  nowMs: number,
): SpeakerLease {
  if (term < lease.highestTerm) return lease;
  const notBeforeMs = isUnfenced ? nowMs + lease.settings.silenceMs : lease.notBeforeMs;
  return { ...lease, term: undefined, highestTerm: term, heardAtMs: nowMs, notBeforeMs };
}

/**
 * Applies that Redis delivers messages but stores nothing: it has no memory left, or is read-only. Health must be reported then, too. The
 * speaker goes on, and without one, a monitor that hears no other for some time begins a term. If two do, the higher term wins.
 * @param wallMs the wall clock, from which the new term follows
 */
export function applyUnwritableRedis(
  lease: SpeakerLease,
  { requestedAtMs, nowMs, wallMs }: { requestedAtMs: number; nowMs: number; wallMs: number },
): SpeakerLease {
  const { settings, startedAtMs, heardAtMs, highestTerm } = lease;
  const hearsNobody = nowMs - Math.max(startedAtMs, heardAtMs) >= settings.silenceMs;
  const term = lease.term ?? (hearsNobody ? Math.max(highestTerm + 1, wallMs) : undefined);
  if (term === undefined) return lease;
  return { ...applyLeaseGrant(lease, term, requestedAtMs), isUnfenced: true };
}
