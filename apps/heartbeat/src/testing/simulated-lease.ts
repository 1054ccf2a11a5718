import type { SpeakerLease } from '../domain/speaker-lease.js';
import {
  applyForeignReport,
  applyLeaseGrant,
  applyLeaseRefusal,
  createSpeakerLease,
  createSpeakerLeaseSettings,
  getLeaseRequest,
  holdsLease,
} from '../domain/speaker-lease.js';

/** A report as receivers compare it. */
export interface SimulatedReport {
  readonly monitor: number;
  readonly term: number;
  readonly at: number;
}

/** Redis and some monitors in simulated time. Each monitor has its own clock. */
export interface SimulatedMonitors {
  /** Reports in the order in which Redis published them. */
  readonly reports: readonly SimulatedReport[];
  advance(ms: number): void;
  /** Suspends or kills a monitor. */
  freeze(monitor: number): void;
  thaw(monitor: number): void;
  /** The replies to a monitor arrive this much later. */
  delayReplies(monitor: number, ms: number): void;
  /** Redis loses its data. */
  loseData(): void;
  /** Redis answers nothing, and its leases go on to expire. */
  setReachable(isReachable: boolean): void;
}

const TICK_MS = 200;
export const SIMULATED_INTERVAL_MS = 2_000;

/** @param clockOffsets of the monotonic clocks, one for each monitor */
export function simulateMonitors(clockOffsets: readonly number[]): SimulatedMonitors {
  const settings = createSpeakerLeaseSettings(SIMULATED_INTERVAL_MS);
  let now = 0;
  let isReachable = true;
  let holder: { readonly monitor: number; readonly term: number; readonly until: number } | undefined;
  let lastTerm = 0;
  const reports: SimulatedReport[] = [];
  const monitors = clockOffsets.map((offset) => ({
    offset,
    isFrozen: false,
    replyDelayMs: 0,
    lease: createSpeakerLease(settings, 0, offset),
    isRequested: false,
    reportedAt: -Infinity,
    /** What happens when a message arrives, by time. */
    inbox: [] as { readonly at: number; readonly handle: (lease: SpeakerLease) => SpeakerLease }[],
  }));
  const getHolder = () => (holder && now < holder.until ? holder : undefined);

  const runMonitor = (monitor: (typeof monitors)[number], index: number) => {
    if (monitor.isFrozen) return;
    const local = now + monitor.offset;
    const due = monitor.inbox.filter(({ at }) => at <= now);
    monitor.inbox = monitor.inbox.filter(({ at }) => at > now);
    for (const { handle } of due) monitor.lease = handle(monitor.lease);
    const { lease } = monitor;
    const request = getLeaseRequest(lease, local);
    if (request && !monitor.isRequested && isReachable) {
      monitor.isRequested = true;
      const term = grant(index, request);
      monitor.inbox.push({
        at: now + monitor.replyDelayMs,
        handle(current) {
          monitor.isRequested = false;
          return term === undefined ? applyLeaseRefusal(current) : applyLeaseGrant(current, term, local);
        },
      });
    }
    if (!holdsLease(lease, local) || local - monitor.reportedAt < SIMULATED_INTERVAL_MS - TICK_MS) return;
    publish(index, lease.term ?? 0);
    monitor.reportedAt = local;
  };
  const grant = (monitor: number, request: 'acquire' | 'renew'): number | undefined => {
    const current = getHolder();
    if (current && current.monitor !== monitor) return undefined;
    if (!current && request === 'renew') return undefined;
    const term =
      current?.term ?? Math.max(lastTerm + 1, now + 1, (monitors[monitor]?.lease.highestTerm ?? 0) + 1);
    lastTerm = term;
    holder = { monitor, term, until: now + settings.leaseMs };
    return term;
  };
  const publish = (monitor: number, term: number) => {
    const current = getHolder();
    if (!isReachable || current?.monitor !== monitor || current.term !== term) return;
    reports.push({ monitor, term, at: now });
    monitors.forEach((other, index) => {
      if (index === monitor) return;
      other.inbox.push({
        at: now,
        handle: (lease) => applyForeignReport(lease, { term, isUnfenced: false }, now + other.offset),
      });
    });
  };
  const find = (monitor: number) => {
    const found = monitors[monitor % monitors.length];
    if (!found) throw new Error('There is no monitor.');
    return found;
  };

  return {
    reports,
    advance(ms) {
      for (const end = now + ms; now < end;) {
        now += TICK_MS;
        monitors.forEach(runMonitor);
      }
    },
    freeze: (monitor) => void (find(monitor).isFrozen = true),
    thaw: (monitor) => void (find(monitor).isFrozen = false),
    delayReplies: (monitor, ms) => void (find(monitor).replyDelayMs = ms),
    loseData() {
      holder = undefined;
      lastTerm = 0;
    },
    setReachable: (reachable) => void (isReachable = reachable),
  };
}
