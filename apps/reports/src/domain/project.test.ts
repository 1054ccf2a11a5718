import type { LogEntry, RuleState } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { created, deleted, logOf, ruleState, updated, type Happening } from '../testing/entries.js';
import { foldRule, type ProjectedRule } from './fold-rule.js';
import { project } from './project.js';
import { readBatch } from './read-batch.js';

type Rules = Map<string, ProjectedRule>;

/** Projects batch by batch, as the projector does. */
function replay(batches: readonly (readonly LogEntry[])[], rules: Rules = new Map()) {
  const changes = batches.flatMap((batch) => {
    const projection = project(readBatch(batch).events, rules);
    for (const rule of projection.rules) rules.set(rule.state.id, rule);
    return projection.changes;
  });
  return { rules: new Map([...rules].sort()), changes };
}

/** The lives of a few rules, mixed with each other and with what nobody understands. */
const history: fc.Arbitrary<LogEntry[]> = fc
  .array(
    fc.record({
      rule: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('live', 'live', 'die', 'unknown'),
    }),
    {
      maxLength: 30,
    },
  )
  .map((steps) => {
    const present = new Map<string, RuleState>();
    const events = steps.flatMap(({ rule: id, what }): Happening[] => {
      const before = present.get(id);
      if (what === 'unknown') return [{ type: 'RuleSung', version: 1, data: { id } }];
      if (before?.deletedAt !== undefined && before.deletedAt !== null) return [];
      const version = (before?.version ?? 0) + 1;
      const overrides = { id, version, name: `${id}${version}` };
      const event = !before ? created(overrides) : what === 'die' ? deleted(overrides) : updated(overrides);
      present.set(id, event.data.rule);
      return [event];
    });
    return logOf(events);
  });

const cuts = fc.array(fc.nat(30), { maxLength: 5 });
const split = (entries: readonly LogEntry[], at: readonly number[]) => {
  const bounds = [0, ...at.filter((cut) => cut < entries.length).sort((a, b) => a - b), entries.length];
  return bounds.slice(1).map((end, index) => entries.slice(bounds[index], end));
};

describe('projecting the log', () => {
  test('keeps a rule as its last event left it, and where it began', () => {
    const log = logOf([created({ id: 'x' }), created(), updated({ name: 'Other' })]);
    const { rules } = replay([log]);
    expect(rules.get('rule-1')).toEqual({
      state: ruleState({ version: 2, name: 'Other' }),
      createdPosition: 2,
    });
  });

  test('tells each change, in order', () => {
    const log = logOf([created(), updated(), deleted({ version: 3 })]);
    const { changes } = replay([log]);
    expect(changes.map(({ kind, position, rule }) => [kind, position, rule.version])).toEqual([
      ['CREATED', 1, 1],
      ['UPDATED', 2, 2],
      ['DELETED', 3, 3],
    ]);
  });

  test('tells apart what it does not understand, and goes on', () => {
    const log = logOf([
      created(),
      { type: 'RuleSung', version: 1, data: {} },
      { ...updated(), version: 2 },
      created({ id: 'y' }),
    ]);
    const { events, setAside } = readBatch(log);
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
      fc.property(history, fc.nat(30), (log, from) => {
        const once = replay([log]);
        const again = replay([log.slice(from)], new Map(once.rules));
        expect(again).toEqual({ rules: once.rules, changes: [] });
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
          expect(replay([mixed]).rules).toEqual(replay([log]).rules);
        },
      ),
    );
  });

  test('a late event of an older version changes nothing but where the rule began', () => {
    const rule = foldRule(undefined, updated({ version: 3 }), 9);
    expect(foldRule(rule, created(), 4)).toEqual({ state: rule.state, createdPosition: 4 });
    expect(foldRule(rule, updated({ version: 2 }), 12)).toBe(rule);
  });
});
