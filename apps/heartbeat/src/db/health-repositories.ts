import type { MaintenanceRecord } from '@seguridad-abc/contracts';
import type { HealthTransition } from '../domain/health-transitions.js';
import type { SavedHealth } from '../domain/health-state.js';
import type { CompactionChanges, StoredTransition } from '../domain/uptime.js';

/** Transitions by service name, with an entry for every requested service. */
export type TransitionsByService = ReadonlyMap<string, readonly HealthTransition[]>;

/** A published transition. Its id, `<term>-<number>`, is the same in the history of each monitor. */
export interface RecordedTransition extends HealthTransition {
  readonly id: string;
}

/** Selects old transitions of a service: those recorded before its first transition at or after `before` (wall clock). */
export interface OldTransitionsQuery {
  readonly before: number;
  readonly limit: number;
}

/** What a step of a compaction has found and removed. */
export interface MergedTransitions extends Pick<CompactionChanges, 'removed'> {
  readonly found: readonly StoredTransition[];
}

/** Stores the status changes of services, and the health that the next run of the monitor restores. */
export interface HealthHistoryRepository {
  /** Saves transitions, unless they are stored, and the current health in one transaction. */
  save(transitions: readonly RecordedTransition[], health: SavedHealth): Promise<void>;
  /** Loads the health that was saved last. Undefined before the first save. */
  loadSavedHealth(): Promise<SavedHealth | undefined>;
  /** Finds the newest transitions of each service, at most `limit` for each, newest first. */
  findNewest(services: readonly string[], limit: number): Promise<TransitionsByService>;
  /** Finds the transitions of each service after `from` (wall clock), and the one in effect at `from`. Oldest first. */
  findSince(services: readonly string[], from: number): Promise<TransitionsByService>;
  /** Lists every service that has a transition. */
  listServices(): Promise<readonly string[]>;
  /**
   * Changes old transitions of a service with ids from `fromId` on, in one transaction: of several monitors, one does it at a time.
   * @param deriveChanges gets the transitions in order
   * @returns the transitions before the changes, and the ids of those that were removed
   */
  mergeOld(
    service: string,
    query: OldTransitionsQuery & { readonly fromId: number },
    deriveChanges: (transitions: readonly StoredTransition[]) => CompactionChanges,
  ): Promise<MergedTransitions>;
  /**
   * Deletes old transitions of a service. The newest old one stays, because it says which status was in effect.
   * @returns the number of deleted transitions; fewer than `limit` if no more are left
   */
  deleteOld(service: string, query: OldTransitionsQuery): Promise<number>;
}

/** Stores the last maintenance command about each service. A resolved write survives a power failure. */
export interface MaintenanceRepository {
  findAll(): Promise<MaintenanceRecord[]>;
  /**
   * Replaces the record of the same service, unless that one has a higher revision.
   * @returns whether the record was stored
   */
  save(record: MaintenanceRecord): Promise<boolean>;
  /** Removes the record of a service, unless another revision has replaced it. */
  remove(record: Pick<MaintenanceRecord, 'service' | 'revision'>): Promise<void>;
}
