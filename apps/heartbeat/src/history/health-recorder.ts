import { getErrorMessage, type Logger } from '@seguridad-abc/platform';
import type { HealthHistoryRepository, MaintenanceRepository } from '../db/health-repositories.js';
import type { HealthTransition } from '../domain/health-transitions.js';
import {
  NO_RESTORED_HEALTH_DATA,
  type RestoredHealthData,
  type SavedHealth,
} from '../domain/saved-health.js';

/** Maximum number of transitions that wait while the disk fails. The oldest are dropped first. */
const MAX_PENDING_TRANSITIONS = 10_000;

/** Writes the health history in the background. */
export interface HealthRecorder {
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

  const writeOnce = async (health: SavedHealth) => {
    const transitions = pending;
    pending = [];
    try {
      await history.save(transitions, health);
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
