import type { Compaction, KeptTransition } from '../domain/compact.js';
import type { Memory } from '../domain/memory.js';
import type { Transition } from '../domain/transition.js';

/** The history of health, as the monitor writes it. */
export interface HistoryStore {
  /** What the last run left; undefined before the first. */
  memory(): Promise<Memory | undefined>;
  /** All or nothing. */
  save(transitions: readonly Transition[], memory: Memory): Promise<void>;
}

/** The history as it is asked for. */
export interface HistoryReader {
  /** Of each of these services the last `count` transitions, newest first. Every service has an entry. */
  newest(services: readonly string[], count: number): Promise<ReadonlyMap<string, readonly Transition[]>>;
  /**
   * Of each of these services what began after `from` (wall clock), oldest first, after the transition that held then,
   * if there is one. Every service has an entry.
   */
  since(services: readonly string[], from: number): Promise<ReadonlyMap<string, readonly Transition[]>>;
}

/** The old part of the history. `before` is a moment of the wall clock: what follows a younger transition is young. */
export interface HistoryArchive {
  services(): Promise<readonly string[]>;
  /** Old transitions of a service, from the id `from` on, in order. */
  old(
    service: string,
    options: { readonly before: number; readonly from: number; readonly limit: number },
  ): Promise<readonly KeptTransition[]>;
  /** All or nothing. */
  apply(compaction: Compaction): Promise<void>;
  /**
   * Removes old transitions of a service, all but the newest of them: with that the rest begins.
   * @returns how many; fewer than `limit` once there are no more
   */
  forget(service: string, options: { readonly before: number; readonly limit: number }): Promise<number>;
}
