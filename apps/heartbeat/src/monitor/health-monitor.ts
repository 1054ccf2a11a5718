import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  formatInstant,
  HEALTH_CHANNEL,
  healthReportSchema,
  HEARTBEAT_CHANNEL,
  heartbeatSchema,
  type ClockReading,
  type HealthReport,
  type HealthStatus,
} from '@seguridad-abc/contracts';
import {
  getErrorMessage,
  subscribeToChannel,
  type DurationHistogram,
  type Logger,
  type RedisPubSubClient,
  type ServiceCondition,
} from '@seguridad-abc/platform';
import type { HealthHistoryRepository, RecordedTransition } from '../db/health-repositories.js';
import {
  adoptPublishedHealth,
  continueHealth,
  getReportedStatuses,
  toSavedHealthOfReport,
  withPublishedStatuses,
  type LastStatus,
} from '../domain/continued-health.js';
import {
  applyElapsedTime,
  applyHeartbeat,
  applyReceptionConfirmation,
  applyRedisConnectionLoss,
  applyRedisReply,
  endMaintenance,
  hasStoppedNormally,
  startMaintenance,
  toSavedHealth,
  type HealthState,
  type HealthStateUpdate,
} from '../domain/health-state.js';
import type { HealthThresholds } from '../domain/health-thresholds.js';
import { deriveTransitions, type HealthTransition } from '../domain/health-transitions.js';
import { createInitialHealth } from '../domain/initial-health.js';
import { toMaintenancePeriod } from '../domain/maintenance-records.js';
import { isMaintenanceOver, type MaintenancePeriod } from '../domain/maintenance.js';
import { createHealthFingerprint, createServiceHealthList } from '../domain/reported-health.js';
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
import { compareTransitionIds, formatTransitionId, NO_TRANSITION_ID } from '../domain/transition-id.js';
import {
  createHealthRecorder,
  MAX_PENDING_TRANSITIONS,
  type RestoredMonitorData,
} from './health-recorder.js';
import { createReceptionProber } from './reception-probe.js';
import { createSharedMaintenance, type SharedMaintenance } from './shared-maintenance.js';
import { createSpeakerChannel, UnwritableRedisError, type IdentifiedTransition } from './speaker-channel.js';

/** The monitor advances its clock at least this often, and at least five times in each heartbeat interval. */
const MAX_TICK_MS = 200;
const TICKS_PER_INTERVAL = 5;
/** Maximum wait for heartbeats in transit when the monitor closes. */
const DRAIN_TIMEOUT_MS = 500;
/** A report of another monitor counts as current for this many intervals. */
const REPORT_CURRENT_INTERVALS = 2;
/** Transitions in one report, or in one page of the stream. */
const MAX_BATCH_SIZE = 500;
/** Reports that wait for a reply of Redis. Further ones wait for the next tick. */
const MAX_REPORTS_IN_FLIGHT = 20;

export interface HealthMonitorOptions {
  readonly thresholds: HealthThresholds;
  readonly restored: RestoredMonitorData;
  /** Where the monitor saves status changes and its health. */
  readonly history: Pick<HealthHistoryRepository, 'save'>;
  /** How often the health is saved without a change. After a crash, at most this much time counts as not observed. */
  readonly saveIntervalMs: number;
  /** Stores maintenance that another monitor has started or ended. */
  readonly saveMaintenance: SharedMaintenance['save'];
  readonly pubsub: RedisPubSubClient;
  readonly readClock: () => ClockReading;
  readonly logger: Logger;
}

/**
 * Derives the health of every service from heartbeats. Of several monitors one, the speaker, publishes it; the others adopt what it
 * publishes, and one of them continues from that when the speaker ends.
 */
export interface HealthMonitor {
  /** Starts to receive heartbeats, update statuses and, as the speaker, publish reports. */
  start(): void;
  /**
   * Creates a report of the current health. The speaker's carries the sequence of its last published report. Another monitor
   * returns the last report of the speaker, or, without a current one, what it sees itself. Reports with equal run and
   * sequence have equal statuses and processes; only `at`, `lastBeatAt` and the figures in reasons may differ.
   */
  createReport(): HealthReport;
  readonly maintenance: readonly MaintenancePeriod[];
  /** Whether a service is listed: expected, known from heartbeats, or restored. */
  hasService(name: string): boolean;
  /** Starts maintenance on all monitors. Resolves when it is stored here. @throws ExpectedError if too many are known */
  startMaintenance(maintenance: MaintenancePeriod): Promise<void>;
  /** Ends maintenance on all monitors. Resolves when that is stored here. */
  endMaintenance(maintenance: MaintenancePeriod): Promise<void>;
  /** Saves what is known of maintenance again. */
  saveMaintenanceAgain(): void;
  /** Whether heartbeats can be received. */
  readonly isReceiving: boolean;
  /** The term of this monitor as the speaker. Undefined: another one speaks, or none. */
  readonly speakerTerm: number | undefined;
  /** Status changes that this monitor has seen and that the history does not contain yet, oldest first. */
  readonly unsavedTransitions: readonly HealthTransition[];
  /** The time of each transaction of the health history. */
  readonly saveDurations: DurationHistogram;
  /** What the heartbeats of this process report about the monitor. */
  readonly getCondition: () => ServiceCondition;
  /** Processes the heartbeats sent so far. The speaker publishes a last report and gives its lease back. Does nothing before the start. */
  close(): Promise<void>;
}

/** A status change that is not published yet. */
interface UnpublishedTransition extends HealthTransition {
  /** Given when it is sent first. It stays the same if it must be sent again in the same term. */
  readonly id?: string | undefined;
  readonly isLogged?: boolean;
}

/** The speaker publishes a report at each change, and at least once in each interval. */
export function createHealthMonitor(options: HealthMonitorOptions): HealthMonitor {
  const { thresholds, restored, history, saveIntervalMs, saveMaintenance, pubsub, readClock, logger } =
    options;
  const { intervalMs } = thresholds;
  const tickMs = Math.min(MAX_TICK_MS, intervalMs / TICKS_PER_INTERVAL);
  const abort = new AbortController();
  const recorder = createHealthRecorder(history, logger);
  const run = randomUUID();
  const channel = createSpeakerChannel(pubsub, run, logger);
  const readMonotonicClock = () => readClock().monotonicMs;

  const periods = restored.maintenance.flatMap((record) => toMaintenancePeriod(record) ?? []);
  const initial = createInitialHealth(
    thresholds,
    { health: restored.health, maintenance: periods },
    readClock(),
  );
  let { state } = initial;
  let sequence = 1;
  let publishedAt = -Infinity;
  let tickTimer: NodeJS.Timeout | undefined;
  let saveTimer: NodeJS.Timeout | undefined;

  const { term: savedTerm = 0, lastTransition = NO_TRANSITION_ID } = restored.health ?? {};
  const leaseSettings = createSpeakerLeaseSettings(intervalMs);
  const { leaseMs } = leaseSettings;
  let lease = createSpeakerLease(leaseSettings, savedTerm, readMonotonicClock());
  /** Whether this monitor publishes: it holds the lease and has continued from what was published before. */
  let isSpeaking = false;
  let isLeaseRequested = false;
  let reportsInFlight = 0;
  let isReportDue = false;
  /** The last report of any monitor, and when it arrived or was sent. */
  let published: { readonly report: HealthReport; readonly atMs: number } | undefined;
  /** The last published statuses. At first, those of the previous run. */
  let lastStatuses: readonly LastStatus[] = restored.health?.services ?? [];
  let unpublished: readonly UnpublishedTransition[] = initial.transitions;
  /** Published transitions that Redis had no memory for. */
  let unstreamed: readonly IdentifiedTransition[] = [];
  /** The id of the last transition that was given to the recorder. */
  let position = lastTransition;
  /** The number of the last transition in the current term. */
  let transitionNumber = 0;
  let catchUp: Promise<void> | undefined;

  const holdsLeaseNow = () => holdsLease(lease, readMonotonicClock());
  const isFollowing = (now: ClockReading) =>
    published !== undefined &&
    published.report.run !== run &&
    !state.reception.isLost &&
    now.monotonicMs - published.atMs < REPORT_CURRENT_INTERVALS * published.report.intervalMs;
  const stopSpeaking = () => {
    if (isSpeaking) logger.info('another monitor speaks, or Redis is away: this one listens');
    isSpeaking = false;
    isReportDue = false;
  };
  const log = (transitions: readonly UnpublishedTransition[]): UnpublishedTransition[] => {
    logTransitions(
      transitions.filter(({ isLogged }) => !isLogged),
      state,
      logger,
    );
    return transitions.map((transition) => ({ ...transition, isLogged: true }));
  };

  const update = (applyUpdate: HealthStateUpdate) => {
    const now = readClock();
    const before = state;
    state = applyUpdate(before, now);
    const transitions = deriveTransitions(before, state, now);
    const added = isFollowing(now) ? transitions : log(transitions);
    unpublished = [...unpublished, ...added].slice(-MAX_PENDING_TRANSITIONS);
    // Another monitor may still receive heartbeats.
    if (state.reception.isLost && !before.reception.isLost) releaseLease();
    if (createHealthFingerprint(state) !== createHealthFingerprint(before)) publishReport();
  };
  const releaseLease = () => {
    const { term } = lease;
    if (term === undefined || lease.isUnfenced) return;
    lease = applyLeaseRelease(lease, readMonotonicClock());
    stopSpeaking();
    void channel.release(term);
  };

  const createOwnReport = (services: HealthState, now: ClockReading): HealthReport => ({
    v: 1,
    term: lease.term ?? lease.highestTerm,
    ...(lease.isUnfenced && { isUnfenced: true }),
    run,
    sequence,
    at: formatInstant(now.wallMs),
    intervalMs,
    services: createServiceHealthList(services, now),
    ...(position !== NO_TRANSITION_ID && { lastTransition: position }),
    maintenance: [...maintenance.records],
  });
  const createReport = (): HealthReport => {
    update(applyElapsedTime);
    const now = readClock();
    if (isSpeaking && holdsLeaseNow()) return createOwnReport(state, now);
    if (published && isFollowing(now)) return published.report;
    return createOwnReport(continueHealth(state, lastStatuses, unpublished, now).state, now);
  };

  /** Publishes a report as the speaker. Otherwise, only the sequence of what this monitor answers over HTTP rises. */
  const publishReport = () => {
    sequence += 1;
    if (!isSpeaking) return;
    const { term } = lease;
    if (term === undefined || !holdsLeaseNow()) stopSpeaking();
    else if (reportsInFlight >= MAX_REPORTS_IN_FLIGHT) isReportDue = true;
    else void speak(term);
  };
  const speak = async (term: number): Promise<void> => {
    const now = readClock();
    isReportDue = false;
    publishedAt = now.monotonicMs;
    unpublished = unpublished.map((transition) =>
      transition.id === undefined
        ? { ...transition, id: formatTransitionId(term, ++transitionNumber) }
        : transition,
    );
    const batch = unpublished.slice(0, MAX_BATCH_SIZE);
    if (unpublished.length > MAX_BATCH_SIZE) isReportDue = true;
    const transitions = toIdentifiedTransitions(batch, position);
    const last = batch.at(-1)?.id ?? position;
    const report: HealthReport = {
      ...createOwnReport(state, now),
      ...(last !== NO_TRANSITION_ID && { lastTransition: last }),
    };
    const health = { ...toSavedHealth(state, now), term, lastTransition: last };
    reportsInFlight += 1;
    try {
      const isSpoken = await sendReport(term, report, transitions, now.monotonicMs);
      if (isSpoken) handleSpoken(report, batch, health);
    } catch (error) {
      handleLeaseError(error, now.monotonicMs);
      isReportDue = true;
    } finally {
      reportsInFlight -= 1;
    }
  };
  /** @returns false if another monitor speaks */
  const sendReport = async (
    term: number,
    report: HealthReport,
    transitions: readonly IdentifiedTransition[],
    sentAtMs: number,
  ): Promise<boolean> => {
    const known = new Set(unstreamed.map(({ id }) => id));
    const streamed = [...unstreamed, ...transitions.filter(({ id }) => !known.has(id))];
    if (lease.isUnfenced) {
      await pubsub.publish(HEALTH_CHANNEL, report);
      unstreamed = streamed.slice(-MAX_PENDING_TRANSITIONS);
      return true;
    }
    const outcome = await channel.speak(term, leaseMs, report, streamed.slice(0, MAX_BATCH_SIZE));
    if (!outcome.isSpoken) {
      if (lease.term === term) lease = applyLeaseRefusal(lease);
      stopSpeaking();
      return false;
    }
    if (lease.term === term) lease = applyLeaseGrant(lease, term, sentAtMs);
    unstreamed = streamed.slice(outcome.added, MAX_PENDING_TRANSITIONS);
    return true;
  };
  const handleSpoken = (
    report: HealthReport,
    batch: readonly UnpublishedTransition[],
    health: ReturnType<typeof toSavedHealth>,
  ) => {
    const ids = new Set(batch.map(({ id }) => id));
    unpublished = unpublished.filter(({ id }) => id === undefined || !ids.has(id));
    record(
      batch.flatMap(({ id, ...transition }) => (id === undefined ? [] : [{ ...transition, id }])),
      health,
    );
    // Replies arrive in order. Another monitor's report may have arrived before.
    if ((report.term ?? 0) < (published?.report.term ?? 0)) return;
    published = { report, atMs: readMonotonicClock() };
    lastStatuses = getReportedStatuses(report);
  };
  /** Gives transitions to the recorder, unless it has had them. */
  const record = (transitions: readonly RecordedTransition[], health: ReturnType<typeof toSavedHealth>) => {
    const added = transitions.filter(({ id }) => compareTransitionIds(id, position) > 0);
    const last = added.at(-1)?.id;
    if (last !== undefined) position = last;
    if (added.length > 0) recorder.record(added, { ...health, lastTransition: position });
  };

  const saveHealth = () => {
    const now = readClock();
    const { term } = lease;
    if (isSpeaking && holdsLeaseNow() && unpublished.length === 0) {
      recorder.record([], { ...toSavedHealth(state, now), term, lastTransition: position });
    } else if (published && isFollowing(now)) {
      recorder.record([], createFollowerHealth(published.report, now));
    }
  };
  const createFollowerHealth = (report: HealthReport, now: ClockReading) => ({
    ...toSavedHealth(withPublishedStatuses(state, report), now),
    term: report.term,
    lastTransition: position,
  });

  /** Stores what other monitors have published. One at a time. */
  const readTransitions = (): Promise<void> =>
    (catchUp ??= readTransitionPages().finally(() => (catchUp = undefined)));
  const readTransitionPages = async () => {
    let next = position;
    for (;;) {
      const { transitions, last, isComplete } = await channel.readTransitions(next, MAX_BATCH_SIZE);
      const first = transitions[0];
      if (first && next !== NO_TRANSITION_ID && first.previous !== next) {
        logger.warn(
          { after: next, before: first.id },
          'the health history lacks status changes: Redis has lost them before this monitor received them',
        );
      }
      const ids = new Set(transitions.map(({ id }) => id));
      // Redis had accepted them although its reply did not arrive.
      unpublished = unpublished.filter(({ id }) => id === undefined || !ids.has(id));
      const report = published?.report;
      const now = readClock();
      const health = report ? createFollowerHealth(report, now) : toSavedHealth(state, now);
      record(
        transitions.map(({ at, ...transition }) => ({ ...transition, at: Date.parse(at) })),
        health,
      );
      next = last ?? next;
      if (isComplete) return;
    }
  };
  const readTransitionsInBackground = () => {
    readTransitions().catch((error: unknown) =>
      logger.debug({ error: getErrorMessage(error) }, 'published status changes could not be read; retrying'),
    );
  };

  const receiveReport = (report: HealthReport) => {
    if (report.run === run || isOutdatedReport(report, published?.report)) return;
    const nowMs = readMonotonicClock();
    const isOlderThanLease = (report.term ?? 0) < lease.highestTerm;
    const { term = 0, isUnfenced = false } = report;
    lease = applyForeignReport(lease, { term, isUnfenced }, nowMs);
    if (isOlderThanLease) return;
    stopSpeaking();
    published = { report, atMs: nowMs };
    lastStatuses = getReportedStatuses(report);
    update(adoptPublishedHealth(report));
    // What this monitor has seen before is superseded by what was published.
    unpublished = [];
    if (report.maintenance) maintenance.receive(report.maintenance, { isComplete: true });
    if (report.lastTransition !== undefined && compareTransitionIds(report.lastTransition, position) > 0)
      readTransitionsInBackground();
  };

  /** Asks for the lease or renews it, if due. */
  const keepLease = async () => {
    const requestedAtMs = readMonotonicClock();
    const request = getLeaseRequest(lease, requestedAtMs);
    if (isSpeaking && !holdsLeaseNow()) stopSpeaking();
    if (isLeaseRequested || pubsub.publisher.status !== 'ready') return;
    isLeaseRequested = true;
    try {
      if (request === 'renew') await renewLease(requestedAtMs);
      else if (request === 'acquire') await acquireLease(requestedAtMs);
      else if (holdsLeaseNow() && !isSpeaking) await takeOver(undefined);
    } catch (error) {
      handleLeaseError(error, requestedAtMs);
    } finally {
      isLeaseRequested = false;
    }
  };
  const renewLease = async (requestedAtMs: number) => {
    const { term } = lease;
    if (term === undefined) return;
    const isRenewed = await channel.renew(term, leaseMs);
    if (lease.term !== term) return;
    lease = isRenewed ? applyLeaseGrant(lease, term, requestedAtMs) : applyLeaseRefusal(lease);
    if (!isRenewed) stopSpeaking();
  };
  const acquireLease = async (requestedAtMs: number) => {
    const wantsReport = published === undefined;
    const { term, report } = await channel.acquire({ leaseMs, minTerm: lease.highestTerm, wantsReport });
    if (abort.signal.aborted) return;
    if (term === undefined) {
      lease = applyLeaseRefusal(lease);
      stopSpeaking();
      if (report) receiveReport(report);
      return;
    }
    if (term !== lease.term) stopSpeaking();
    lease = applyLeaseGrant(lease, term, requestedAtMs);
    await takeOver(report);
  };
  /**
   * Begins to speak.
   * @param report the last published report, if this monitor has not received it: no monitor has observed the time since then
   */
  const takeOver = async (report: HealthReport | undefined) => {
    const { term } = lease;
    if (!lease.isUnfenced) await readTransitions();
    if (lease.term !== term || term === undefined || !holdsLeaseNow()) return;
    if (report && !published && (report.term ?? 0) > savedTerm) restoreFromReport(report);
    const now = readClock();
    const continued = continueHealth(state, lastStatuses, unpublished.map(withoutId), now);
    ({ state } = continued);
    unpublished = log(continued.transitions);
    transitionNumber = 0;
    isSpeaking = true;
    logger.info({ term }, 'this monitor speaks');
    publishReport();
  };
  /** Other monitors have spoken since the previous run of this one. */
  const restoreFromReport = (report: HealthReport) => {
    const { transitions, state: restoredState } = createInitialHealth(
      thresholds,
      { health: toSavedHealthOfReport(report), maintenance: state.maintenance },
      readClock(),
    );
    const listed = new Set(state.services.map(({ name }) => name));
    const added = restoredState.services.filter(({ name }) => !listed.has(name));
    state = {
      ...state,
      services: [...state.services, ...added].sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
    lastStatuses = getReportedStatuses(report);
    unpublished = [...transitions, ...unpublished.filter((one) => !initial.transitions.includes(one))];
  };
  const handleLeaseError = (error: unknown, requestedAtMs: number) => {
    if (!(error instanceof UnwritableRedisError)) {
      logger.debug({ error: getErrorMessage(error) }, 'the lease of the speaker could not be asked for');
      return;
    }
    const { monotonicMs: nowMs, wallMs } = readClock();
    lease = applyUnwritableRedis(lease, { requestedAtMs, nowMs, wallMs });
  };

  const maintenance = createSharedMaintenance({
    restored: restored.maintenance,
    pubsub,
    save: saveMaintenance,
    onChanged(record) {
      const period = toMaintenancePeriod(record);
      const isCurrent = period && !isMaintenanceOver(period, readClock().wallMs);
      update(isCurrent ? startMaintenance(period) : endMaintenance(record.service));
      // A new reason must be published even if no status changes.
      publishReport();
    },
    logger,
  });

  const prober = createReceptionProber({
    pubsub,
    run,
    readMonotonicClock,
    onConfirmed: (sentAtMs) => update(applyReceptionConfirmation(sentAtMs)),
    onReply: () => update(applyRedisReply),
    onConnectionLost: () => update(applyRedisConnectionLoss),
    logger,
  });
  const tick = () => {
    update(applyElapsedTime);
    prober.probe();
    void keepLease();
    // The next tick would be more than one interval after the last report.
    if (isReportDue || readMonotonicClock() - publishedAt > intervalMs - tickMs) publishReport();
  };
  const handleRedisReady = () => {
    if (isSpeaking) publishReport();
    void keepLease();
  };
  const receiveMessages = async () => {
    const { signal } = abort;
    await subscribeToChannel({
      pubsub,
      channel: HEALTH_CHANNEL,
      schema: healthReportSchema,
      listener: receiveReport,
      logger,
      signal,
    });
    await maintenance.start(signal);
    await subscribeToChannel({
      pubsub,
      channel: HEARTBEAT_CHANNEL,
      schema: heartbeatSchema,
      listener: (heartbeat) => update(applyHeartbeat(heartbeat)),
      logger,
      signal,
    });
    await prober.start(signal);
  };
  /** Redis replies in order, so every heartbeat that reached Redis before this PING is processed before its reply. */
  const drainHeartbeats = async () => {
    if (pubsub.subscriber.status === 'ready') await pubsub.subscriber.ping().catch(() => undefined);
  };

  return {
    start() {
      tickTimer = setInterval(tick, tickMs);
      saveTimer = setInterval(saveHealth, saveIntervalMs);
      pubsub.publisher.on('ready', handleRedisReady);
      void keepLease();
      void receiveMessages();
    },
    createReport,
    get maintenance() {
      return state.maintenance;
    },
    hasService: (name) => state.services.some((service) => service.name === name),
    startMaintenance: (period) => maintenance.startMaintenance(period),
    endMaintenance: (period) => maintenance.endMaintenance(period),
    saveMaintenanceAgain: () => maintenance.saveAgain(),
    get isReceiving() {
      return !state.reception.isLost;
    },
    get speakerTerm() {
      return isSpeaking && holdsLeaseNow() ? lease.term : undefined;
    },
    get unsavedTransitions() {
      return [...recorder.unsaved, ...unpublished];
    },
    saveDurations: recorder.durations,
    getCondition: () => ({ error: recorder.writeError }),
    async close() {
      if (!tickTimer) return;
      clearInterval(tickTimer);
      clearInterval(saveTimer);
      await Promise.race([drainHeartbeats(), delay(DRAIN_TIMEOUT_MS)]);
      const { term } = lease;
      if (isSpeaking && term !== undefined && holdsLeaseNow()) {
        sequence += 1;
        await speak(term);
      }
      saveHealth();
      if (term !== undefined && !lease.isUnfenced) await channel.release(term);
      await recorder.waitForWrites();
      pubsub.publisher.off('ready', handleRedisReady);
      prober.close();
      abort.abort();
    },
  };
}

const withoutId = (transition: UnpublishedTransition): UnpublishedTransition => ({
  ...transition,
  id: undefined,
});

/** @param previous the id of the last transition before them */
function toIdentifiedTransitions(
  transitions: readonly UnpublishedTransition[],
  previous: string,
): IdentifiedTransition[] {
  let last = previous;
  return transitions.flatMap(({ id, service, from, to, at, reason }) => {
    if (id === undefined) return [];
    const before = last === NO_TRANSITION_ID ? undefined : last;
    last = id;
    return [{ id, service, from, to, at: formatInstant(at), reason, previous: before }];
  });
}

/** Whether a report is older than another one: of an older term, or an earlier one of the same run. */
export const isOutdatedReport = (report: HealthReport, last: HealthReport | undefined): boolean => {
  if (!last) return false;
  const term = report.term ?? 0;
  const lastTerm = last.term ?? 0;
  return (
    term < lastTerm || (term === lastTerm && report.run === last.run && report.sequence <= last.sequence)
  );
};

const WARNING_STATUSES: ReadonlySet<HealthStatus> = new Set<HealthStatus>(['LATE', 'DEGRADED', 'DOWN']);

/**
 * Logs changes of status. A service that stops normally is no reason for a warning.
 * @param state after the changes
 */
export function logTransitions(
  transitions: readonly HealthTransition[],
  { services }: HealthState,
  logger: Logger,
): void {
  const stopped = new Set(services.filter(hasStoppedNormally).map(({ name }) => name));
  for (const { service, from, to, reason } of transitions) {
    const level = WARNING_STATUSES.has(to) && !stopped.has(service) ? 'warn' : 'info';
    logger[level]({ subject: service, from, to, reason }, 'the status of a service changed');
  }
}
