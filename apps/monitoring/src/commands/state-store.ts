import type { Actor, AlarmEvent, AlarmState, RuleEvent, RuleState } from '@seguridad-abc/contracts';
import type { Decision } from '../domain/decision.js';
import type { CommandKey } from './idempotency.js';

/** Where things are kept that commands change. What `commit` resolves to survives a power cut. */
export interface StateStore<Event, State> {
  /**
   * Decides on a thing's present state and saves what happened, state, event log (with who caused it), what follows from
   * it and key together, or nothing. A command whose key is known does nothing, and is answered as it was first.
   * @throws NameTakenError where the user has another rule, not deleted, of this name for this opening
   * @throws KeyReusedError where the key was another command's
   */
  commit(
    caller: Actor,
    id: string,
    decide: (present: State | undefined) => Decision<Event, State>,
    key?: CommandKey,
  ): Promise<Decision<Event, State> | Repeated<State>>;

  /** In the order of the ids; deleted rules too. */
  byIds(ids: readonly string[]): Promise<(State | undefined)[]>;
}

export type RuleStore = StateStore<RuleEvent, RuleState>;
export type AlarmStore = StateStore<AlarmEvent, AlarmState>;

/** The command was sent before. */
export interface Repeated<State> {
  readonly kind: 'repeated';
  /** As it was first answered. */
  readonly state: State;
}

export class KeyReusedError extends Error {
  override name = 'KeyReusedError';
}

export class NameTakenError extends Error {
  override name = 'NameTakenError';
}
