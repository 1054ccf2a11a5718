import type { AlarmEvent, AlarmState, IntervalRecord, LogEntry, RuleState } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildAlarmEvent,
  buildAlarmState,
  buildRuleCreated,
  buildRuleDeleted,
  buildLog,
  buildReadingsRecorded,
  buildRuleState,
  buildRuleUpdated,
  type TestEvent,
} from '../testing/log-entries.js';
import {
  deriveRecords,
  mergeRecords,
  parseEntries,
  projectRecords,
  type ReadModelChanges,
  RECORD_MERGES,
} from './projection.js';
import { NO_RECORDS, type RecordKind, type ReadModelRecord, type ReadModelRecords } from './read-model.js';

const AT = '2026-03-01T08:00:00.000Z';

/** A read model, written over with what is new; in an order of its own. */
function written(model: ReadModelRecords, changed: ReadModelRecords): ReadModelRecords {
  const over = <Kind extends RecordKind>(kind: Kind): ReadModelRecord<Kind>[] => {
    const { getKey } = RECORD_MERGES[kind];
    const things = new Map<string, ReadModelRecord<Kind>>();
    for (const thing of [...model[kind], ...changed[kind]]) things.set(getKey(thing), thing);
    return [...things].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, thing]) => thing);
  };
  return {
    rules: over('rules'),
    openings: over('openings'),
    intervals: over('intervals'),
    alarms: over('alarms'),
  };
}

/** Projects batch by batch, as the projector does. */
function replay(batches: readonly (readonly LogEntry[])[], before: ReadModelRecords = NO_RECORDS) {
  let model = written(NO_RECORDS, before);
  const changes: ReadModelChanges[] = [];
  for (const batch of batches) {
    const projection = projectRecords(deriveRecords(parseEntries(batch).events), model);
    model = written(model, projection.records);
    changes.push(projection.changes);
  }
  const rules = changes.flatMap((each) => each.rules);
  return { model, changes: { rules, alarms: changes.flatMap((each) => each.alarms) } };
}

/** Makes what happens next to a rule, an opening or an alarm, by what has happened to it. */
function createLives() {
  const rules = new Map<string, RuleState>();
  const openings = new Map<string, IntervalRecord[]>();
  const alarms = new Map<string, AlarmState>();
  return {
    rule(id: string, what: string): TestEvent[] {
      const before = rules.get(id);
      if (before?.deletedAt) return [];
      const version = (before?.version ?? 0) + 1;
      const overrides = { id, version, name: `${id}${version}`, opening: `opening ${id}` };
      const event = !before
        ? buildRuleCreated(overrides)
        : what === 'end'
          ? buildRuleDeleted(overrides)
          : buildRuleUpdated(overrides);
      rules.set(id, event.data.rule);
      return [event];
    },
    opening(name: string, what: string): TestEvent[] {
      const intervals = openings.get(name) ?? [];
      const last = intervals.at(-1);
      const [first] = intervals;
      openings.set(name, intervals);
      if (what === 'undo' && first) {
        intervals.shift();
        return [buildReadingsRecorded({ opening: name, intervals: [], removed: [first.startId] })];
      }
      if (last?.endedAt === null) {
        last.endedAt = AT;
        return [buildReadingsRecorded({ opening: name, state: 'CLOSED', intervals: [{ ...last }] })];
      }
      // Sometimes one that was there before.
      intervals.push({ startId: `${name}${intervals.length}`, startedAt: AT, endedAt: null });
      return [buildReadingsRecorded({ opening: name, state: 'OPEN', intervals: [{ ...intervals.at(-1)! }] })];
    },
    alarm(id: string, what: string): TestEvent[] {
      const version = (alarms.get(id)?.version ?? 0) + 1;
      const status = what === 'end' ? 'CLEARED' : what === 'undo' ? 'RETRACTED' : 'ACTIVE';
      const types = { ACTIVE: 'AlarmRaised', CLEARED: 'AlarmCleared', RETRACTED: 'AlarmRetracted' } as const;
      const event: AlarmEvent = buildAlarmEvent(types[status], { id, version, status });
      alarms.set(id, event.data.alarm);
      return [event];
    },
  };
}

/** The lives of a few things, mixed with each other and with what nobody understands. */
const history: fc.Arbitrary<LogEntry[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('rule', 'opening', 'alarm', 'unknown'),
      id: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('live', 'live', 'end', 'undo'),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    const lives = createLives();
    return buildLog(
      steps.flatMap(({ kind, id, what }): TestEvent[] =>
        kind === 'unknown' ? [{ type: 'RuleSung', version: 1, data: { id } }] : lives[kind](id, what),
      ),
    );
  });

const cuts = fc.array(fc.nat(40), { maxLength: 5 });
const split = (entries: readonly LogEntry[], at: readonly number[]) => {
  const bounds = [0, ...at.filter((cut) => cut < entries.length).sort((a, b) => a - b), entries.length];
  return bounds.slice(1).map((end, index) => entries.slice(bounds[index], end));
};

describe('projecting the log', () => {
  test('keeps a rule as its last event left it, and where it began', () => {
    const log = buildLog([
      buildRuleCreated({ id: 'x' }),
      buildRuleCreated(),
      buildRuleUpdated({ name: 'Other' }),
    ]);
    const { rules } = replay([log]).model;
    expect(rules.find(({ state }) => state.id === 'rule-1')).toEqual({
      state: buildRuleState({ version: 2, name: 'Other' }),
      createdPosition: 2,
    });
  });

  test('keeps an alarm as its last event left it, and what that was', () => {
    const log = buildLog([
      buildAlarmEvent(),
      buildAlarmEvent('AlarmAcknowledged', { version: 2, acknowledgedBy: 'olga', acknowledgedAt: AT }),
    ]);
    expect(replay([log]).model.alarms).toEqual([
      {
        state: buildAlarmState({ version: 2, acknowledgedBy: 'olga', acknowledgedAt: AT }),
        change: 'ACKNOWLEDGED',
        changedPosition: 2,
      },
    ]);
  });

  test('knows an opening by its first rule, and its state by its readings alone', () => {
    const opening = { userId: 'ana', name: 'Front door' };
    expect(replay([buildLog([buildRuleCreated()])]).model.openings).toEqual([
      { ...opening, state: null, since: null, changedPosition: 0 },
    ]);
    expect(
      replay([buildLog([buildRuleCreated(), buildReadingsRecorded(), buildRuleCreated({ id: 'other' })])])
        .model.openings,
    ).toEqual([{ ...opening, state: 'OPEN', since: AT, changedPosition: 2 }]);
  });

  test('keeps intervals as they were last told of, and that one is none any more', () => {
    const interval = { startId: 'reading-1', startedAt: AT, endedAt: AT };
    const log = buildLog([
      buildReadingsRecorded({
        state: 'CLOSED',
        intervals: [interval, { ...interval, startId: 'reading-2' }],
      }),
      buildReadingsRecorded({ intervals: [{ ...interval, endedAt: null }], removed: ['reading-2'] }),
    ]);
    const of = { userId: 'ana', opening: 'Front door', changedPosition: 2 };
    expect(replay([log]).model.intervals).toEqual([
      { ...of, startId: 'reading-1', startedAt: AT, endedAt: null },
      { ...of, startId: 'reading-2', startedAt: null, endedAt: null },
    ]);
  });

  test('tells each change of rules and of alarms, in order', () => {
    const { rules, alarms } = replay([
      buildLog([
        buildRuleCreated(),
        buildAlarmEvent(),
        buildRuleUpdated(),
        buildAlarmEvent('AlarmCleared', { version: 2, status: 'CLEARED' }),
        buildRuleDeleted({ version: 3 }),
        buildAlarmEvent('AlarmRetracted', { version: 3, status: 'RETRACTED' }),
        buildAlarmEvent('AlarmRaised', { version: 4 }),
        buildAlarmEvent('AlarmUpdated', { version: 5 }),
      ]),
    ]).changes;
    expect(rules.map(({ kind, position, rule }) => [kind, position, rule.version])).toEqual([
      ['CREATED', 1, 1],
      ['UPDATED', 3, 2],
      ['DELETED', 5, 3],
    ]);
    expect(alarms.map(({ kind, position, alarm }) => [kind, position, alarm.version])).toEqual([
      ['RAISED', 2, 1],
      ['CLEARED', 4, 2],
      ['RETRACTED', 6, 3],
      ['RAISED', 7, 4],
      ['UPDATED', 8, 5],
    ]);
  });

  test('tells apart what it does not understand, and goes on', () => {
    const log = buildLog([
      buildRuleCreated(),
      { type: 'RuleSung', version: 1, data: {} },
      { ...buildRuleUpdated(), version: 2 },
      buildRuleCreated({ id: 'y' }),
    ]);
    const { events, setAside } = parseEntries(log);
    expect(events.map(({ position }) => position)).toEqual([1, 4]);
    expect(setAside.map(({ entry }) => entry)).toEqual([log[1], log[2]]);
    expect(setAside[1]?.reason).toContain('RuleUpdated v2');
  });

  test('gives the same state and tells the same, however it is cut into batches', () => {
    fc.assert(
      fc.property(history, cuts, (log, at) => {
        expect(replay(split(log, at))).toEqual(replay([log]));
      }),
    );
  });

  test('is not changed by a replay from anywhere, and tells nothing twice', () => {
    fc.assert(
      fc.property(history, fc.nat(40), (log, from) => {
        const once = replay([log]);
        const again = replay([log.slice(from)], once.model);
        expect(again).toEqual({ model: once.model, changes: { rules: [], alarms: [] } });
      }),
    );
  });

  test('gives the same state in whatever order, and however often, events come', () => {
    fc.assert(
      fc.property(
        history.chain((log) =>
          fc.record({
            log: fc.constant(log),
            mixed: fc.shuffledSubarray([...log, ...log], { minLength: log.length * 2 }),
          }),
        ),
        ({ log, mixed }) => {
          expect(replay([mixed]).model).toEqual(replay([log]).model);
        },
      ),
    );
  });

  test('a late event of an older version changes nothing but where the rule began', () => {
    const { rules } = deriveRecords([{ event: buildRuleUpdated({ version: 3 }), position: 9 }]);
    const told = (event: ReturnType<typeof buildRuleCreated>, position: number) =>
      mergeRecords(RECORD_MERGES.rules, rules, deriveRecords([{ event, position }]).rules).changed;
    expect(told(buildRuleCreated(), 4)).toEqual([{ state: rules[0]!.state, createdPosition: 4 }]);
    expect(told(buildRuleUpdated({ version: 2 }), 12)).toEqual([]);
  });
});
