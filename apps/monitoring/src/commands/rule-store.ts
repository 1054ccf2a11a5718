import type { RuleState } from '@seguridad-abc/contracts';
import type { Decision } from '../domain/decision.js';

/** Where rules are kept. What `commit` resolves to survives a power cut. */
export interface RuleStore {
  /**
   * Decides on a rule's present state and saves what happened, state and event log together, or nothing.
   * @throws NameTakenError where the user has another rule, not deleted, of this name for this opening
   */
  commit(id: string, decide: (present: RuleState | undefined) => Decision): Promise<Decision>;

  /** In the order of the ids; deleted rules too. */
  byIds(ids: readonly string[]): Promise<(RuleState | undefined)[]>;
}

export class NameTakenError extends Error {
  override name = 'NameTakenError';
}
