import type { AlarmChange, RuleChange, RuleState } from '@seguridad-abc/contracts';
import { MERGINGS, mergeAll, type Merged } from './merge.js';
import type { ProjectedAlarm, Things } from './things.js';

/** What was told makes this of the read model. */
export interface Projection {
  /** Those that are new or changed, each once, as they are now. */
  readonly things: Things;
  readonly changes: Changes;
}

/** What subscribers are told, in the order of the log. */
export interface Changes {
  readonly rules: readonly RuleChange[];
  readonly alarms: readonly AlarmChange[];
}

/**
 * @param told by a batch of events
 * @param present the same things, as far as the read model has them
 */
export function project(told: Things, present: Things): Projection {
  const rules = mergeAll(MERGINGS.rules, present.rules, told.rules);
  const openings = mergeAll(MERGINGS.openings, present.openings, told.openings);
  const intervals = mergeAll(MERGINGS.intervals, present.intervals, told.intervals);
  const alarms = mergeAll(MERGINGS.alarms, present.alarms, told.alarms);
  return {
    things: {
      rules: rules.changed,
      openings: openings.changed,
      intervals: intervals.changed,
      alarms: alarms.changed,
    },
    changes: {
      rules: newStates(rules).map(({ state, createdPosition: position }) => ({
        v: 1,
        kind: ruleChangeKind(state),
        position,
        rule: state,
      })),
      alarms: newStates(alarms).map(alarmChangeOf),
    },
  };
}

export const alarmChangeOf = ({ state, change, changedPosition }: ProjectedAlarm): AlarmChange => ({
  v: 1,
  kind: change,
  position: changedPosition,
  alarm: state,
});

const ruleChangeKind = ({ deletedAt, version }: RuleState): RuleChange['kind'] => {
  if (deletedAt !== null) return 'DELETED';
  return version === 1 ? 'CREATED' : 'UPDATED';
};

/** What was told and stands, or stood until the next was told. */
const newStates = <Thing extends { readonly state: object }>({ steps }: Merged<Thing>): Thing[] =>
  steps.flatMap(({ told, after }) => (after.state === told.state ? told : []));
