import type { Actor, RuleState } from '@seguridad-abc/contracts';
import type { Decision } from '../domain/decision.js';
import type { CommandKey } from './idempotency.js';

/** Where rules are kept. What `commit` resolves to survives a power cut. */
export interface RuleStore {
  /**
   * Decides on a rule's present state and saves what happened, state, event log (with who caused it) and key together, or nothing. A command
   * whose key is known does nothing, and is answered as it was first.
   * @throws NameTakenError where the user has another rule, not deleted, of this name for this opening
   * @throws KeyReusedError where the key was another command's
   */
  commit(
    caller: Actor,
    id: string,
    decide: (present: RuleState | undefined) => Decision,
    key?: CommandKey,
  ): Promise<Decision | Repeated>;

  /** Forgets the keys of commands before an instant. */
  forgetKeys(before: string): Promise<void>;

  /** In the order of the ids; deleted rules too. */
  byIds(ids: readonly string[]): Promise<(RuleState | undefined)[]>;
}

/** The command was sent before. */
export interface Repeated {
  readonly kind: 'repeated';
  /** As it was first answered. */
  readonly rule: RuleState;
}

export class KeyReusedError extends Error {
  override name = 'KeyReusedError';
}

export class NameTakenError extends Error {
  override name = 'NameTakenError';
}
