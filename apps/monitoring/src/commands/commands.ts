import type { Actor, AlarmState, RuleState } from '@seguridad-abc/contracts';
import { decideAcknowledge, type AcknowledgeAlarm } from '../domain/acknowledge-alarm.js';
import { decideCreate, type CreateRule } from '../domain/create-rule.js';
import { withFaults, type Decision } from '../domain/decision.js';
import { decideDelete, type DeleteRule } from '../domain/delete-rule.js';
import { checkKey } from '../domain/fields.js';
import type { RecordReadings } from '../domain/record-readings.js';
import { decideUpdate, type UpdateRule } from '../domain/update-rule.js';
import { commandKey, type Keyed } from './idempotency.js';
import type { ReadingStore } from './reading-store.js';
import { recordReadings, type RecordedReadings } from './record-readings.js';
import { settle } from './settle.js';
import type { AlarmStore, RuleStore, StateStore } from './state-store.js';

export interface Commands {
  createRule(input: Keyed<CreateRule>): Promise<RuleState>;
  updateRule(input: Keyed<UpdateRule>): Promise<RuleState>;
  deleteRule(input: Keyed<DeleteRule>): Promise<RuleState>;
  recordReadings(input: RecordReadings): Promise<RecordedReadings>;
  acknowledgeAlarm(input: Keyed<AcknowledgeAlarm>): Promise<AlarmState>;
}

export interface CommandsOptions {
  readonly rules: RuleStore;
  readonly readings: ReadingStore;
  readonly alarms: AlarmStore;
  /** The server's instant, in UTC with milliseconds. */
  readonly now: () => string;
  /** Ids that sort by time and cannot be guessed from one another. */
  readonly newId: () => string;
}

/**
 * A caller's commands. Each resolves to what it is about as saved.
 * @throws ExpectedError that says every fault, where one is refused
 */
export const commandsFactory =
  ({ rules, readings, alarms, now, newId }: CommandsOptions) =>
  (caller: Actor): Commands => {
    const circumstances = () => ({ caller, now: now() });
    const run = <Event, State, Input extends object>(
      store: StateStore<Event, State>,
      command: keyof Commands,
      { clientMutationId, ...input }: Keyed<Input>,
      id: string,
      decide: (present: State | undefined) => Decision<Event, State>,
    ) => {
      const key = checkKey(clientMutationId);
      if ('faults' in key)
        return settle(store.commit(caller, id, (present) => withFaults(decide(present), key.faults)));
      return settle(
        store.commit(
          caller,
          id,
          decide,
          key.value === null ? undefined : commandKey(caller, command, key.value, input),
        ),
      );
    };

    return {
      createRule(input) {
        const id = newId();
        return run(rules, 'createRule', input, id, () => decideCreate(input, id, circumstances()));
      },
      updateRule: (input) =>
        run(rules, 'updateRule', input, input.id, (rule) => decideUpdate(rule, input, circumstances())),
      deleteRule: (input) =>
        run(rules, 'deleteRule', input, input.id, (rule) => decideDelete(rule, input, circumstances())),
      recordReadings: (input) => recordReadings(readings, input, circumstances()),
      acknowledgeAlarm: (input) =>
        run(alarms, 'acknowledgeAlarm', input, input.id, (alarm) =>
          decideAcknowledge(alarm, input, circumstances()),
        ),
    };
  };
