import type { Logger } from '@seguridad-abc/platform';
import { NOTHING_TO_RECALL, type Recall } from '../domain/memory.js';
import type { MaintenanceStore } from '../maintenance/maintenance-store.js';
import type { HistoryStore } from './history-store.js';

/** What a run begins with. A disk that cannot be read does not keep the monitor from watching. */
export async function recallFrom(
  history: Pick<HistoryStore, 'memory'>,
  maintenance: Pick<MaintenanceStore, 'all'>,
  logger: Logger,
): Promise<Recall> {
  try {
    return { memory: await history.memory(), maintenance: await maintenance.all() };
  } catch (error) {
    logger.error({ err: error }, 'what the last run of the monitor knew cannot be read: it begins without');
    return NOTHING_TO_RECALL;
  }
}
