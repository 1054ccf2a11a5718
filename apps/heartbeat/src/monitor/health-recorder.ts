import type { MaintenanceRecord } from '@seguridad-abc/contracts';
import { DurationHistogram, getErrorMessage, type Logger } from '@seguridad-abc/platform';
import type {
  HealthHistoryRepository,
  MaintenanceRepository,
  RecordedTransition,
} from '../db/health-repositories.js';
import type { SavedHealth } from '../domain/health-state.js';

/** Maximum number of transitions that wait while the database fails. The oldest are dropped first. */
export const MAX_PENDING_TRANSITIONS = 10_000;
/** The same for their approximate size. */
export const MAX_PENDING_BYTES = 4 * 1024 * 1024; // 4 MiB
/** The size of a transition without its texts, approximately. */
const TRANSITION_BYTES = 200;

/** Writes the health history in the background. */
export interface HealthRecorder {
  /** The time of each transaction. */
  readonly durations: DurationHistogram;
  /** Queues transitions and the current health for writing. Never throws; a failed write is retried with the next call. */
  record(transitions: readonly RecordedTransition[], health: SavedHealth): void;
  /** Transitions that are not written yet, oldest first. */
  readonly unsaved: readonly RecordedTransition[];
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
  /** Transitions that wait, in order. Those of a running transaction come first. */
  let pending: readonly RecordedTransition[] = [];
  let latestHealth: SavedHealth | undefined;
  let writeError: string | undefined;
  let writing: Promise<void> | undefined;
  const durations = new DurationHistogram();

  const writeOnce = async (health: SavedHealth) => {
    const transitions = pending;
    const startedAt = performance.now();
    try {
      await history.save(transitions, health);
      durations.addMs(performance.now() - startedAt);
      const written = new Set(transitions);
      pending = pending.filter((transition) => !written.has(transition));
      if (writeError !== undefined) logger.info('the health history is written again');
      writeError = undefined;
    } catch (error) {
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
      pending = dropOldest([...pending, ...transitions]);
      latestHealth = health;
      writing ??= writeAll();
    },
    get unsaved() {
      return pending;
    },
    get writeError() {
      return writeError;
    },
    waitForWrites: async () => writing,
  };
}

/** @returns the newest transitions that may wait */
function dropOldest(transitions: readonly RecordedTransition[]): readonly RecordedTransition[] {
  let room = MAX_PENDING_BYTES;
  const lastDropped = transitions.findLastIndex(({ service, reason }) => {
    // A character has at most two bytes in memory.
    room -= TRANSITION_BYTES + 2 * (service.length + reason.length);
    return room < 0;
  });
  return transitions.slice(lastDropped + 1).slice(-MAX_PENDING_TRANSITIONS);
}

/** What a run of the monitor restores from its database. */
export interface RestoredMonitorData {
  /** Undefined in the first run. */
  readonly health: SavedHealth | undefined;
  readonly maintenance: readonly MaintenanceRecord[];
}

/** The data of a first run. */
export const NO_RESTORED_MONITOR_DATA: RestoredMonitorData = { health: undefined, maintenance: [] };

/** Loads what the previous run saved. Without a readable database the monitor still starts, with no restored data. */
export async function loadRestoredMonitorData(
  history: Pick<HealthHistoryRepository, 'loadSavedHealth'>,
  maintenance: Pick<MaintenanceRepository, 'findAll'>,
  logger: Logger,
): Promise<RestoredMonitorData> {
  try {
    return { health: await history.loadSavedHealth(), maintenance: await maintenance.findAll() };
  } catch (error) {
    logger.error({ err: error }, 'the saved health cannot be read; the monitor starts without it');
    return NO_RESTORED_MONITOR_DATA;
  }
}
