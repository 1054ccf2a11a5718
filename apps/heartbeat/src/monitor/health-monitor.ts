import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  heartbeatSchema,
  type HealthReport,
  type HealthStatus,
  formatInstant,
  type ClockReading,
} from '@seguridad-abc/contracts';
import {
  DurationHistogram,
  getErrorMessage,
  subscribeToChannel,
  type Logger,
  type RedisPubSubClient,
  type ServiceCondition,
} from '@seguridad-abc/platform';
import type { HealthHistoryRepository, MaintenanceRepository } from '../db/health-repositories.js';
import type { HealthThresholds } from '../domain/health-thresholds.js';
import { createServiceHealthList, createHealthFingerprint } from '../domain/reported-health.js';
import {
  applyElapsedTime,
  applyRedisConnectionLoss,
  applyHeartbeat,
  applyReceptionConfirmation,
  applyRedisReply,
  endMaintenance,
  hasStoppedNormally,
  startMaintenance,
  toSavedHealth,
  type HealthState,
  type HealthStateUpdate,
  type SavedHealth,
} from '../domain/health-state.js';
import { deriveTransitions, type HealthTransition } from '../domain/health-transitions.js';
import {
  createInitialHealth,
  NO_RESTORED_HEALTH_DATA,
  type RestoredHealthData,
} from '../domain/initial-health.js';
import type { MaintenancePeriod } from '../domain/maintenance.js';
import { createReceptionProber } from './reception-probe.js';

/** The monitor advances its clock at least this often, and at least five times in each heartbeat interval. */
const MAX_TICK_MS = 200;
const TICKS_PER_INTERVAL = 5;
/** Maximum wait for heartbeats in transit when the monitor closes. */
const DRAIN_TIMEOUT_MS = 500;
/** Maximum number of transitions that wait while the disk fails. The oldest are dropped first. */
const MAX_PENDING_TRANSITIONS = 10_000;

export interface HealthMonitorOptions {
  readonly thresholds: HealthThresholds;
  readonly restored: RestoredHealthData;
  /** Where the monitor saves status changes and its health. */
  readonly history: Pick<HealthHistoryRepository, 'save'>;
  /** How often the health is saved without a change. After a crash, at most this much time counts as not observed. */
  readonly saveIntervalMs: number;
  /** Called with the service's name when its maintenance has ended, in any way. */
  readonly onMaintenanceEnded: (service: string) => void;
  readonly pubsub: RedisPubSubClient;
  readonly readClock: () => ClockReading;
  readonly logger: Logger;
}

/** Derives the health of every service from heartbeats, and publishes it. */
export interface HealthMonitor {
  /** Starts to receive heartbeats, update statuses and publish reports. */
  start(): void;
  /**
   * Creates a report of the current health. It carries the sequence of the last published report. Reports with equal run and
   * sequence have equal statuses and processes; only `at`, `lastBeatAt` and the figures in reasons may differ.
   */
  createReport(): HealthReport;
  readonly maintenance: readonly MaintenancePeriod[];
  /** Whether a service is listed: expected, known from heartbeats, or restored. */
  hasService(name: string): boolean;
  startMaintenance(maintenance: MaintenancePeriod): void;
  endMaintenance(service: string): void;
  /** Whether heartbeats can be received. */
  readonly isReceiving: boolean;
  /** The time of each transaction of the health history. */
  readonly saveDurations: DurationHistogram;
  /** What the heartbeats of this process report about the monitor. */
  readonly getCondition: () => ServiceCondition;
  /** Processes the heartbeats sent so far, publishes a last report, and stops. Does nothing before the start. */
  close(): Promise<void>;
}

/** The monitor publishes a report at each change, and at least once in each interval. */
export function createHealthMonitor(options: HealthMonitorOptions): HealthMonitor {
  const { thresholds, restored, history, saveIntervalMs, onMaintenanceEnded, pubsub, readClock, logger } =
    options;
  const { intervalMs } = thresholds;
  const tickMs = Math.min(MAX_TICK_MS, intervalMs / TICKS_PER_INTERVAL);
  const abort = new AbortController();
  const initial = createInitialHealth(thresholds, restored, readClock());
  let { state } = initial;
  const recorder = createHealthRecorder(history, logger);
  const run = randomUUID();
  let sequence = 0;
  let publishedAt = -Infinity;
  let tickTimer: NodeJS.Timeout | undefined;
  let saveTimer: NodeJS.Timeout | undefined;

  const createReport = (now: ClockReading): HealthReport => ({
    v: 1,
    run,
    sequence,
    at: formatInstant(now.wallMs),
    intervalMs,
    services: createServiceHealthList(state, now),
  });
  const publishReport = (now: ClockReading): Promise<void> => {
    sequence += 1;
    publishedAt = now.monotonicMs;
    return pubsub.publish(pubsub.names.healthChannel, createReport(now));
  };
  const publishNow = () => void publishReport(readClock());
  const record = (transitions: readonly HealthTransition[], now: ClockReading) => {
    logTransitions(transitions, state, logger);
    recorder.record(transitions, toSavedHealth(state, now));
  };
  const saveHealth = () => record([], readClock());

  const update = (applyUpdate: HealthStateUpdate) => {
    const now = readClock();
    const before = state;
    state = applyUpdate(before, now);
    const transitions = deriveTransitions(before, state, now);
    // Record before publishing, so that a client that learns of a change finds it in the history.
    if (transitions.length > 0) record(transitions, now);
    if (createHealthFingerprint(state) !== createHealthFingerprint(before)) void publishReport(now);
    for (const service of findEndedMaintenance(before, state)) onMaintenanceEnded(service);
  };

  const prober = createReceptionProber({
    pubsub,
    run,
    readMonotonicClock: () => readClock().monotonicMs,
    onConfirmed: (sentAtMs) => update(applyReceptionConfirmation(sentAtMs)),
    onReply: () => update(applyRedisReply),
    onConnectionLost: () => update(applyRedisConnectionLoss),
    logger,
  });
  const tick = () => {
    update(applyElapsedTime);
    prober.probe();
    // The next tick would be more than one interval after the last report.
    if (readClock().monotonicMs - publishedAt > intervalMs - tickMs) publishNow();
  };
  const receiveHeartbeats = async () => {
    const { signal } = abort;
    await subscribeToChannel({
      pubsub,
      channel: pubsub.names.heartbeatChannel,
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
      record(initial.transitions, readClock());
      pubsub.publisher.on('ready', publishNow);
      publishNow();
      void receiveHeartbeats();
    },
    createReport() {
      update(applyElapsedTime);
      return createReport(readClock());
    },
    get maintenance() {
      return state.maintenance;
    },
    hasService: (name) => state.services.some((service) => service.name === name),
    startMaintenance(maintenance) {
      update(startMaintenance(maintenance));
      // A new reason must be published even if no status changes.
      publishNow();
    },
    endMaintenance: (service) => update(endMaintenance(service)),
    get isReceiving() {
      return !state.reception.isLost;
    },
    saveDurations: recorder.durations,
    getCondition: () => ({ error: recorder.writeError }),
    async close() {
      if (!tickTimer) return;
      clearInterval(tickTimer);
      clearInterval(saveTimer);
      await Promise.race([drainHeartbeats(), delay(DRAIN_TIMEOUT_MS)]);
      await publishReport(readClock());
      saveHealth();
      await recorder.waitForWrites();
      pubsub.publisher.off('ready', publishNow);
      prober.close();
      abort.abort();
    },
  };
}

function findEndedMaintenance(before: HealthState, after: HealthState): string[] {
  const current = new Set(after.maintenance.map(({ service }) => service));
  return before.maintenance.map(({ service }) => service).filter((service) => !current.has(service));
}

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

/** Writes the health history in the background. */
export interface HealthRecorder {
  /** The time of each transaction. */
  readonly durations: DurationHistogram;
  /** Queues transitions and the current health for writing. Never throws; a failed write is retried with the next call. */
  record(transitions: readonly HealthTransition[], health: SavedHealth): void;
  /** Why the last write failed, as one clause. Undefined after a successful write. */
  readonly writeError: string | undefined;
  /** Resolves when every queued write has succeeded or failed. */
  waitForWrites(): Promise<void>;
}

/** Runs one transaction at a time. Records that arrive during a transaction share the next one. */
export function createHealthRecorder(
  history: Pick<HealthHistoryRepository, 'save'>,
  logger: Logger,
): HealthRecorder {
  let pending: readonly HealthTransition[] = [];
  let latestHealth: SavedHealth | undefined;
  let writeError: string | undefined;
  let writing: Promise<void> | undefined;
  const durations = new DurationHistogram();

  const writeOnce = async (health: SavedHealth) => {
    const transitions = pending;
    pending = [];
    const startedAt = performance.now();
    try {
      await history.save(transitions, health);
      durations.addMs(performance.now() - startedAt);
      if (writeError !== undefined) logger.info('the health history is written again');
      writeError = undefined;
    } catch (error) {
      pending = [...transitions, ...pending].slice(-MAX_PENDING_TRANSITIONS);
      if (writeError === undefined) logger.error({ err: error }, 'the health history cannot be written');
      writeError = `the health history cannot be written: ${getErrorMessage(error)}`;
    }
  };
  const writeAll = async () => {
    while (latestHealth) {
      const health = latestHealth;
      latestHealth = undefined;
      await writeOnce(health);
    }
    writing = undefined;
  };

  return {
    durations,
    record(transitions, health) {
      pending = [...pending, ...transitions].slice(-MAX_PENDING_TRANSITIONS);
      latestHealth = health;
      writing ??= writeAll();
    },
    get writeError() {
      return writeError;
    },
    waitForWrites: async () => writing,
  };
}

/** Loads what the previous run saved. Without a readable database the monitor still starts, with no restored data. */
export async function loadRestoredHealthData(
  history: Pick<HealthHistoryRepository, 'loadSavedHealth'>,
  maintenance: Pick<MaintenanceRepository, 'findAll'>,
  logger: Logger,
): Promise<RestoredHealthData> {
  try {
    return { health: await history.loadSavedHealth(), maintenance: await maintenance.findAll() };
  } catch (error) {
    logger.error({ err: error }, 'the saved health cannot be read; the monitor starts without it');
    return NO_RESTORED_HEALTH_DATA;
  }
}
