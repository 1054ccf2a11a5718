import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  formatInstant,
  healthReportSchema,
  heartbeatSchema,
  type ClockReading,
  type HealthReport,
  type HealthStatus,
  type MaintenanceRecord,
} from '@seguridad-abc/contracts';
import {
  addProblem,
  subscribeToChannel,
  type DurationHistogram,
  type Logger,
  type RedisPubSubClient,
  type ServiceCondition,
} from '@seguridad-abc/platform';
import type { HealthHistoryRepository } from '../db/health-repositories.js';
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
  type SavedHealth,
} from '../domain/health-state.js';
import type { HealthThresholds } from '../domain/health-thresholds.js';
import { deriveTransitions, type HealthTransition } from '../domain/health-transitions.js';
import { createInitialHealth } from '../domain/initial-health.js';
import { toMaintenancePeriod } from '../domain/maintenance-records.js';
import { isMaintenanceOver, type MaintenancePeriod } from '../domain/maintenance.js';
import { createHealthFingerprint, createServiceHealthList } from '../domain/reported-health.js';
import { NO_TRANSITION_ID } from '../domain/transition-id.js';
import {
  createHealthRecorder,
  MAX_PENDING_TRANSITIONS,
  type RestoredMonitorData,
} from './health-recorder.js';
import { createLeaseKeeper } from './lease-keeper.js';
import {
  createPublishedTransitions,
  MAX_TRANSITION_BATCH_SIZE,
  type UnpublishedTransition,
} from './published-transitions.js';
import { createReceptionProber } from './reception-probe.js';
import { createSharedMaintenance, type SharedMaintenanceOptions } from './shared-maintenance.js';
import { createSpeakerChannel } from './speaker-channel.js';

/** The monitor advances its clock at least this often, and at least five times in each heartbeat interval. */
const MAX_TICK_MS = 200;
const TICKS_PER_INTERVAL = 5;
/** Maximum wait for heartbeats in transit when the monitor closes. */
const DRAIN_TIMEOUT_MS = 500;
/** A report of another monitor counts as current for this many intervals. */
const REPORT_CURRENT_INTERVALS = 2;
/** Reports that wait for a reply of Redis. Further ones wait for the next tick. */
const MAX_REPORTS_IN_FLIGHT = 20;
/** A maintenance command waits this long after the start for the commands that other monitors know. Without Redis, none arrive. */
const MAX_COMMAND_WAIT_MS = 4_000;

export interface HealthMonitorOptions {
  readonly thresholds: HealthThresholds;
  readonly restored: RestoredMonitorData;
  /** Where the monitor saves status changes and its health. */
  readonly history: Pick<HealthHistoryRepository, 'save'>;
  /** How often the health is saved without a change. After a crash, at most this much time counts as not observed. */
  readonly saveIntervalMs: number;
  /** Stores maintenance that another monitor has started or ended. */
  readonly saveMaintenance: SharedMaintenanceOptions['save'];
  /** Removes stored maintenance that ended long ago. */
  readonly removeMaintenance: (record: MaintenanceRecord) => Promise<void>;
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
  /**
   * Starts maintenance on all monitors. Resolves when it is stored here. In the first 4 s after the start, it first waits for the commands
   * that other monitors know.
   * @throws ExpectedError if too many are known
   */
  startMaintenance(maintenance: MaintenancePeriod): Promise<void>;
  /** Ends maintenance on all monitors. Resolves when that is stored here. */
  endMaintenance(maintenance: MaintenancePeriod): Promise<void>;
  /** Takes maintenance from the database, which the start could not read. */
  restoreMaintenance(records: readonly MaintenanceRecord[]): void;
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

/** The speaker publishes a report at each change, and at least once in each interval. */
export function createHealthMonitor(options: HealthMonitorOptions): HealthMonitor {
  const { thresholds, restored, history, saveIntervalMs, saveMaintenance, removeMaintenance } = options;
  const { pubsub, readClock, logger } = options;
  const { intervalMs } = thresholds;
  const tickMs = Math.min(MAX_TICK_MS, intervalMs / TICKS_PER_INTERVAL);
  const abort = new AbortController();
  /** Aborted when this monitor knows the last maintenance commands: another one's report has arrived, or it speaks. */
  const maintenanceKnown = new AbortController();
  const recorder = createHealthRecorder(history, logger);
  const run = randomUUID();
  const channel = createSpeakerChannel(pubsub, run, logger);
  const readMonotonicClock = () => readClock().monotonicMs;
  const startedAtMs = readMonotonicClock();

  const periods = restored.maintenance.flatMap((record) => toMaintenancePeriod(record) ?? []);
  const initial = createInitialHealth(
    thresholds,
    { health: restored.health, maintenance: periods },
    readClock(),
  );
  const { term: savedTerm = 0, lastTransition = NO_TRANSITION_ID } = restored.health ?? {};
  let { state } = initial;
  /** Whether this monitor publishes: it holds the lease and has continued from what was published before. */
  let isSpeaking = false;
  /** When this monitor began to speak last. */
  let speakingSinceMs = -Infinity;
  let sequence = 1;
  let publishedAt = -Infinity;
  let reportsInFlight = 0;
  let isReportDue = false;
  /** The last report of any monitor, and when it arrived or was published. */
  let published: { readonly report: HealthReport; readonly atMs: number } | undefined;
  /** The last published statuses. At first, those of the previous run. */
  let lastStatuses: readonly LastStatus[] = restored.health?.services ?? [];
  let unpublished: readonly UnpublishedTransition[] = initial.transitions;
  let tickTimer: NodeJS.Timeout | undefined;
  let saveTimer: NodeJS.Timeout | undefined;

  const isFollowing = (now: ClockReading) =>
    published !== undefined &&
    published.report.run !== run &&
    !state.reception.isLost &&
    now.monotonicMs - published.atMs < REPORT_CURRENT_INTERVALS * published.report.intervalMs;
  const stopSpeaking = () => {
    if (isSpeaking) logger.info('this monitor listens: another one speaks, or Redis is away');
    isSpeaking = false;
    isReportDue = false;
  };
  const log = (changes: readonly UnpublishedTransition[]): UnpublishedTransition[] => {
    const unlogged = changes.filter(({ isLogged }) => !isLogged);
    logTransitions(unlogged, state, logger);
    return changes.map((change) => ({ ...change, isLogged: true }));
  };

  const update = (applyUpdate: HealthStateUpdate) => {
    const now = readClock();
    const before = state;
    state = applyUpdate(before, now);
    const changes = deriveTransitions(before, state, now);
    if (changes.length > 0) {
      const added = isFollowing(now) ? changes : log(changes);
      unpublished = [...unpublished, ...added].slice(-MAX_PENDING_TRANSITIONS);
    }
    // Another monitor may still receive heartbeats.
    if (state.reception.isLost && !before.reception.isLost) void lease.release();
    if (createHealthFingerprint(state) !== createHealthFingerprint(before)) publishReport();
  };

  const createOwnReport = (from: HealthState, now: ClockReading): HealthReport => ({
    v: 1,
    term: lease.term ?? lease.highestTerm,
    ...(lease.isUnfenced && { isUnfenced: true }),
    run,
    sequence,
    at: formatInstant(now.wallMs),
    intervalMs,
    services: createServiceHealthList(from, now),
    lastTransition: transitions.position,
    maintenance: [...maintenance.records],
  });
  const createReport = (): HealthReport => {
    update(applyElapsedTime);
    const now = readClock();
    if (isSpeaking && lease.term !== undefined) return createOwnReport(state, now);
    if (published && isFollowing(now)) return published.report;
    return createOwnReport(continueHealth(state, lastStatuses, unpublished, now).state, now);
  };

  /** Publishes a report as the speaker. Otherwise, only the sequence of what this monitor answers over HTTP rises. */
  const publishReport = () => {
    sequence += 1;
    if (!isSpeaking) return;
    const { term } = lease;
    if (term === undefined) stopSpeaking();
    else if (reportsInFlight >= MAX_REPORTS_IN_FLIGHT) isReportDue = true;
    else void speak(term);
  };
  const speak = async (term: number): Promise<void> => {
    const now = readClock();
    publishedAt = now.monotonicMs;
    unpublished = transitions.identify(unpublished, term);
    isReportDue = unpublished.length > MAX_TRANSITION_BATCH_SIZE;
    const batch = unpublished.slice(0, MAX_TRANSITION_BATCH_SIZE);
    const report = {
      ...createOwnReport(state, now),
      lastTransition: batch.at(-1)?.id ?? transitions.position,
    };
    const health = { ...toSavedHealth(state, now), term, lastTransition: report.lastTransition };
    reportsInFlight += 1;
    try {
      if (await sendReport(term, report, batch, now.monotonicMs)) handleSpoken(report, batch, health);
    } catch (error) {
      lease.noteError(error, now.monotonicMs);
      isReportDue = true;
    } finally {
      reportsInFlight -= 1;
    }
  };
  /** @returns false if another monitor speaks */
  const sendReport = async (
    term: number,
    report: HealthReport,
    batch: readonly UnpublishedTransition[],
    sentAtMs: number,
  ): Promise<boolean> => {
    const unstreamed = transitions.listUnstreamed(batch);
    if (lease.isUnfenced) {
      await pubsub.publish(pubsub.names.healthChannel, report);
      transitions.keepUnstreamed(unstreamed);
      return true;
    }
    const sent = unstreamed.slice(0, MAX_TRANSITION_BATCH_SIZE);
    const outcome = await channel.speak(term, lease.leaseMs, report, sent);
    if (!outcome.isSpoken) {
      lease.noteRefused(term);
      return false;
    }
    lease.noteSpoken(term, sentAtMs);
    transitions.keepUnstreamed(unstreamed.slice(outcome.added));
    return true;
  };
  const handleSpoken = (
    report: HealthReport,
    batch: readonly UnpublishedTransition[],
    health: SavedHealth,
  ) => {
    forgetUnpublished(new Set(batch.flatMap(({ id }) => id ?? [])));
    transitions.record(
      batch.flatMap(({ id, ...transition }) => (id === undefined ? [] : [{ ...transition, id }])),
      health,
    );
    // Another monitor may have published meanwhile.
    if ((report.term ?? 0) < (published?.report.term ?? 0)) return;
    published = { report, atMs: readMonotonicClock() };
    lastStatuses = getReportedStatuses(report);
  };
  const forgetUnpublished = (ids: ReadonlySet<string>) => {
    unpublished = unpublished.filter(({ id }) => id === undefined || !ids.has(id));
  };

  const saveHealth = () => {
    const now = readClock();
    const isCurrent = isSpeaking ? lease.term !== undefined && unpublished.length === 0 : isFollowing(now);
    if (isCurrent) recorder.record([], createPublishedHealth());
  };
  /** The health as it was published: what is saved agrees with the stored transitions. */
  const createPublishedHealth = (): SavedHealth => {
    const report = published?.report;
    const saved = isSpeaking || !report ? state : withPublishedStatuses(state, report);
    return {
      ...toSavedHealth(saved, readClock()),
      term: report?.term ?? savedTerm,
      lastTransition: transitions.position,
    };
  };

  const receiveReport = (report: HealthReport) => {
    if (report.run === run || isOutdatedReport(report, published?.report) || !lease.hear(report)) return;
    stopSpeaking();
    published = { report, atMs: readMonotonicClock() };
    lastStatuses = getReportedStatuses(report);
    update(adoptPublishedHealth(report));
    // What this monitor has seen before is superseded by what was published.
    unpublished = [];
    if (report.maintenance) maintenance.receive(report.maintenance, { isComplete: true });
    maintenanceKnown.abort();
    if (report.lastTransition !== undefined) transitions.readUpTo(report.lastTransition);
  };

  /**
   * Begins to speak: continues from what was published last.
   * @param report the last published report, if this monitor does not know it as current
   */
  const takeOver = async (report: HealthReport | undefined) => {
    const { term } = lease;
    if (!lease.isUnfenced) await transitions.read();
    if (term === undefined || lease.term !== term || abort.signal.aborted) return;
    if (report && !isOutdatedReport(report, published?.report)) {
      if (report.maintenance) maintenance.receive(report.maintenance, { isComplete: true });
      if (published) catchUpWithReport(report);
      else if ((report.term ?? 0) > savedTerm) restoreFromReport(report);
    }
    const now = readClock();
    const observed = unpublished.map((transition) => ({ ...transition, id: undefined }));
    const continued = continueHealth(state, lastStatuses, observed, now);
    ({ state } = continued);
    unpublished = log(continued.transitions);
    transitions.beginTerm();
    isSpeaking = true;
    maintenanceKnown.abort();
    speakingSinceMs = now.monotonicMs;
    logger.info({ term }, 'this monitor speaks');
    publishReport();
  };
  /** Others have spoken while this monitor was without Redis, or Redis has accepted a report although its reply did not arrive. */
  const catchUpWithReport = (report: HealthReport) => {
    // The transitions up to the report are in the history already.
    const reportedAt = Date.parse(report.at);
    if (report.run !== run) {
      update(adoptPublishedHealth(report));
      unpublished = unpublished.filter(({ at }) => at > reportedAt);
    }
    lastStatuses = getReportedStatuses(report);
  };
  /** Other monitors have spoken since the previous run of this one: no monitor has observed the time since the report. */
  const restoreFromReport = (report: HealthReport) => {
    const restoredFromReport = createInitialHealth(
      thresholds,
      { health: toSavedHealthOfReport(report), maintenance: state.maintenance },
      readClock(),
    );
    const listed = new Set(state.services.map(({ name }) => name));
    const added = restoredFromReport.state.services.filter(({ name }) => !listed.has(name));
    const services = [...state.services, ...added].sort((a, b) => (a.name < b.name ? -1 : 1));
    state = { ...state, services };
    lastStatuses = getReportedStatuses(report);
    const observed = unpublished.filter((transition) => !initial.transitions.includes(transition));
    unpublished = [...restoredFromReport.transitions, ...observed];
  };

  const transitions = createPublishedTransitions({
    channel,
    recorder,
    position: lastTransition,
    createHealth: createPublishedHealth,
    // Redis had accepted them although its reply did not arrive.
    onRead: forgetUnpublished,
    logger,
  });
  const lease = createLeaseKeeper({
    channel,
    publisher: pubsub.publisher,
    intervalMs,
    highestTerm: savedTerm,
    readClock,
    wantsReport: () => !isFollowing(readClock()),
    onGranted: takeOver,
    isSpeaking: () => isSpeaking,
    onLost: stopSpeaking,
    onHeard: receiveReport,
    logger,
  });
  const maintenance = createSharedMaintenance({
    restored: restored.maintenance,
    pubsub,
    save: saveMaintenance,
    remove: removeMaintenance,
    readWallClock: () => readClock().wallMs,
    onChanged(record) {
      const period = toMaintenancePeriod(record);
      const isCurrent = period && !isMaintenanceOver(period, readClock().wallMs);
      update(isCurrent ? startMaintenance(period) : endMaintenance(record.service));
      // A new reason must be published even if no status changes.
      publishReport();
    },
    logger,
  });

  /** A command before that could get the revision of an older one, and would be lost without an error. */
  const waitForKnownMaintenance = async () => {
    const remainingMs = startedAtMs + MAX_COMMAND_WAIT_MS - readMonotonicClock();
    if (remainingMs <= 0) return;
    await delay(remainingMs, undefined, { signal: maintenanceKnown.signal }).catch(() => undefined);
  };

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
    // It has got the lease, but still receives nothing: another monitor may.
    const speaksInVain = isSpeaking && state.reception.isLost;
    if (speaksInVain && readMonotonicClock() - speakingSinceMs >= lease.leaseMs) void lease.release();
    void lease.keep();
    // The next tick would be more than one interval after the last report.
    if (isReportDue || readMonotonicClock() - publishedAt > intervalMs - tickMs) publishReport();
  };
  const handleRedisReady = () => {
    if (isSpeaking) publishReport();
    void lease.keep();
  };
  const receiveMessages = async () => {
    const { signal } = abort;
    const common = { pubsub, logger, signal };
    await subscribeToChannel({
      ...common,
      channel: pubsub.names.healthChannel,
      schema: healthReportSchema,
      listener: receiveReport,
    });
    await maintenance.start(signal);
    await subscribeToChannel({
      ...common,
      channel: pubsub.names.heartbeatChannel,
      schema: heartbeatSchema,
      listener: (heartbeat) => update(applyHeartbeat(heartbeat)),
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
      void lease.keep();
      void receiveMessages();
    },
    createReport,
    get maintenance() {
      return state.maintenance;
    },
    hasService: (name) => state.services.some((service) => service.name === name),
    async startMaintenance(period) {
      await waitForKnownMaintenance();
      await maintenance.startMaintenance(period);
    },
    async endMaintenance(period) {
      await waitForKnownMaintenance();
      await maintenance.endMaintenance(period);
    },
    restoreMaintenance: (records) => maintenance.receive(records, { isComplete: false }),
    saveMaintenanceAgain: () => maintenance.saveAgain(),
    get isReceiving() {
      return !state.reception.isLost;
    },
    get speakerTerm() {
      return isSpeaking ? lease.term : undefined;
    },
    get unsavedTransitions() {
      return [...recorder.unsaved, ...unpublished];
    },
    saveDurations: recorder.durations,
    getCondition: () => addProblem({ error: recorder.writeError }, lease.fault),
    async close() {
      if (!tickTimer) return;
      clearInterval(tickTimer);
      clearInterval(saveTimer);
      await Promise.race([drainHeartbeats(), delay(DRAIN_TIMEOUT_MS)]);
      if (isSpeaking && lease.term !== undefined) {
        sequence += 1;
        await speak(lease.term);
      }
      saveHealth();
      await lease.release();
      await recorder.waitForWrites();
      pubsub.publisher.off('ready', handleRedisReady);
      prober.close();
      maintenanceKnown.abort();
      abort.abort();
    },
  };
}

/** Whether a report is older than another one: of an older term, or an earlier one of the same run. */
const isOutdatedReport = (report: HealthReport, last: HealthReport | undefined): boolean => {
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
