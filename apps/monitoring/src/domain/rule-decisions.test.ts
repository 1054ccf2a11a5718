import {
  ruleStateSchema,
  WEEKDAYS,
  type Actor,
  type RuleEvent,
  type RuleState,
} from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from './decision.js';
import {
  decideCreateRule,
  decideDeleteRule,
  decideUpdateRule,
  evolveRule,
  type CreateRuleCommand,
  type UpdateRuleCommand,
} from './rule-decisions.js';

const NOW = '2026-01-31T08:00:00.000Z';
const LATER = '2026-02-01T08:00:00.000Z';

const operator: Actor = { id: 'olga', role: 'operator' };
const createContext = (now: string, caller = operator) => ({ caller, now });

const valid: CreateRuleCommand = {
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  opensAt: '08:00',
  closesAt: '18:00',
  timeZone: 'America/Bogota',
  severity: 'WARNING',
  enabled: true,
};

const create = (input: Partial<CreateRuleCommand> = {}) =>
  decideCreateRule('r1', { ...valid, ...input }, createContext(NOW));

function getRule(decision: Decision<RuleEvent>): RuleState {
  const [event] = decision.kind === 'accepted' ? decision.events : [];
  if (!event) throw new Error(`no event: ${JSON.stringify(decision)}`);
  return evolveRule(undefined, event);
}

/** Each fault as `path code`. */
function listFaults(decision: Decision<RuleEvent>): string[] {
  if (decision.kind !== 'rejected') throw new Error(`no rejection: ${JSON.stringify(decision)}`);
  return decision.faults.map(({ path, code }) => `${path.slice(1).join('.')} ${code}`);
}

describe('decideCreateRule', () => {
  it('creates version 1 with defaults and normalized fields', () => {
    const rule = getRule(
      create({
        name: '  Cafe\u0301 ',
        closesAt: '18:30:00',
        days: ['SUNDAY', 'MONDAY'],
        timeZone: 'europe/madrid',
      }),
    );
    expect(rule).toStrictEqual(
      createRuleState({
        id: 'r1',
        userId: 'ana',
        name: 'Café',
        opening: 'Shop',
        opensAt: '08:00',
        closesAt: '18:30',
        days: ['MONDAY', 'SUNDAY'],
        timeZone: 'Europe/Madrid',
        maxOpenSeconds: null,
        severity: 'WARNING',
        enabled: true,
        effectiveFrom: NOW,
        createdAt: NOW,
        updatedAt: NOW,
        deletedAt: null,
        version: 1,
      }),
    );
  });

  it.each<[string, Partial<CreateRuleCommand>, string[]]>([
    ['an empty user', { userId: '' }, ['userId EMPTY']],
    ['an empty name', { name: ' \t' }, ['name EMPTY']],
    ['a long name', { name: 'x'.repeat(121) }, ['name TOO_LONG']],
    ['a long opening', { opening: 'x'.repeat(81) }, ['opening TOO_LONG']],
    ['a control character', { name: 'a\u0007b' }, ['name CONTROL_CHARACTER']],
    ['half a character', { opening: 'a\ud800b' }, ['opening CONTROL_CHARACTER']],
    ['no closing time', { closesAt: null }, ['closesAt HALF_HOURS']],
    ['no opening time', { opensAt: undefined }, ['opensAt HALF_HOURS']],
    ['neither hours nor timer', { opensAt: null, closesAt: null }, [' NO_HOURS_NO_TIMER']],
    ['a bad time', { opensAt: '8:00' }, ['opensAt INVALID']],
    ['an unknown zone', { timeZone: 'Mars/Olympus' }, ['timeZone INVALID']],
    ['an offset', { timeZone: '-05:00' }, ['timeZone INVALID']],
    ['a timer of 0', { maxOpenSeconds: 0 }, ['maxOpenSeconds OUT_OF_RANGE']],
    ['a timer over a week', { maxOpenSeconds: 604_801 }, ['maxOpenSeconds OUT_OF_RANGE']],
    ['a repeated day', { days: ['MONDAY', 'FRIDAY', 'MONDAY'] }, ['days.2 REPEATED']],
    ['a bad instant', { effectiveFrom: '2026-01-31' }, ['effectiveFrom INVALID']],
    [
      'a start over a year ahead',
      { effectiveFrom: '2027-01-31T08:00:00.001Z' },
      ['effectiveFrom TOO_FAR_AHEAD'],
    ],
  ])('rejects %s', (_, input, faults) => {
    expect(listFaults(create(input))).toStrictEqual(faults);
  });

  it('reports all faults of an input at once', () => {
    const decision = create({
      userId: ' ',
      name: '',
      opensAt: 'x',
      closesAt: null,
      days: ['MONDAY', 'MONDAY'],
    });
    expect(listFaults(decision)).toStrictEqual([
      'userId EMPTY',
      'name EMPTY',
      'opensAt INVALID',
      'days.1 REPEATED',
      'closesAt HALF_HOURS',
    ]);
  });

  it('gives each rule without days its own array', () => {
    const [first, second] = [getRule(create({ days: null })), getRule(create({ days: null }))];
    expect(first.days).toStrictEqual(second.days);
    expect(first.days).not.toBe(second.days);
  });

  it('reports faults of single fields before faults of their combination', () => {
    const decision = create({ opensAt: null, closesAt: null, effectiveFrom: '2026-01-31' });
    expect(listFaults(decision)).toStrictEqual(['effectiveFrom INVALID', ' NO_HOURS_NO_TIMER']);
  });

  it.each<[string, Partial<CreateRuleCommand>]>([
    ['a timer alone', { opensAt: null, closesAt: null, maxOpenSeconds: 604_800 }],
    ['no day at all', { days: [] }],
    ['120 characters beyond the basic plane', { name: '🚪'.repeat(120) }],
    ['a start exactly a year ahead', { effectiveFrom: '2027-01-31T03:00:00-05:00' }],
    ['a start long ago', { effectiveFrom: '0001-01-01T00:00:00Z' }],
  ])('accepts %s', (_, input) => {
    expect(create(input).kind).toBe('accepted');
  });

  it('creates a rule that matches the contract, or reports faults with a path into the input', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const decision = decideCreateRule('r1', input, createContext(NOW));
        if (decision.kind === 'rejected') {
          expect(decision.faults.length).toBeGreaterThan(0);
          for (const { path } of decision.faults) expect(path[0]).toBe('input');
        } else {
          const rule = ruleStateSchema.parse(getRule(decision));
          expect(rule.opensAt === null).toBe(rule.closesAt === null);
          expect(rule.opensAt ?? rule.maxOpenSeconds).not.toBeNull();
          // An accepted input is normalized: the same rule results if it is sent again.
          const again = decideCreateRule('r1', rule, createContext(NOW));
          expect(getRule(again)).toStrictEqual(rule);
        }
      }),
    );
  });
});

describe('decideUpdateRule', () => {
  const present = getRule(create({ maxOpenSeconds: 60 }));
  const update = (input: Omit<UpdateRuleCommand, 'id'>, rule: RuleState | undefined = present) =>
    decideUpdateRule(rule, { id: 'r1', ...input }, createContext(LATER));

  it('changes the given fields only', () => {
    expect(getRule(update({ name: 'Back door', severity: 'CRITICAL' }))).toStrictEqual({
      ...present,
      name: 'Back door',
      severity: 'CRITICAL',
      updatedAt: LATER,
      version: 2,
    });
  });

  it('clears hours and timer with null, and sets days to all seven', () => {
    const monday = getRule(create({ days: ['MONDAY'], maxOpenSeconds: 60 }));
    const rule = getRule(update({ opensAt: null, closesAt: null, days: null }, monday));
    expect(rule).toMatchObject({ opensAt: null, closesAt: null, days: WEEKDAYS, maxOpenSeconds: 60 });
  });

  it.each<[string, Omit<UpdateRuleCommand, 'id'>, string[]]>([
    [
      'null elsewhere',
      { name: null, timeZone: null, severity: null, enabled: null },
      ['name NULL', 'timeZone NULL', 'severity NULL', 'enabled NULL'],
    ],
    ['hours half cleared', { opensAt: null }, ['opensAt HALF_HOURS']],
    ['everything cleared', { opensAt: null, closesAt: null, maxOpenSeconds: null }, [' NO_HOURS_NO_TIMER']],
    [
      'values that createRule rejects',
      { name: ' ', maxOpenSeconds: -1, days: ['MONDAY', 'MONDAY'] },
      ['name EMPTY', 'days.1 REPEATED', 'maxOpenSeconds OUT_OF_RANGE'],
    ],
  ])('rejects %s', (_, input, faults) => {
    expect(listFaults(update(input))).toStrictEqual(faults);
  });

  it('accepts a change that changes nothing without an event', () => {
    expect(update({ name: ' Shop door ', days: [...WEEKDAYS].reverse() })).toStrictEqual({
      kind: 'accepted',
      events: [],
    });
  });

  it('rejects a stale expected version and reports the present one', () => {
    const decision = update({ expectedVersion: 4, name: 'Back door' });
    expect(decision).toMatchObject({
      kind: 'rejected',
      code: 'STALE_VERSION',
      details: { version: 1 },
    });
    expect(update({ expectedVersion: 1, name: 'Back door' }).kind).toBe('accepted');
  });

  it('rejects an unknown and a deleted rule', () => {
    const deleted = getRule(decideDeleteRule(present, { id: 'r1' }, createContext(LATER)));
    for (const rule of [undefined, deleted]) {
      expect(decideUpdateRule(rule, { id: 'r1', name: 'x' }, createContext(LATER))).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('keeps updatedAt in the order of versions when the clock is set back', () => {
    const rule = getRule(
      decideUpdateRule(present, { id: 'r1', name: 'x' }, createContext('2020-01-01T00:00:00.000Z')),
    );
    expect(rule.updatedAt).toBe(present.updatedAt);
  });
});

describe('decideDeleteRule', () => {
  const present = getRule(create());

  it('keeps the rule and sets deletedAt', () => {
    expect(
      getRule(decideDeleteRule(present, { id: 'r1', expectedVersion: 1 }, createContext(LATER))),
    ).toStrictEqual({
      ...present,
      deletedAt: LATER,
      updatedAt: LATER,
      version: 2,
    });
  });

  it('rejects an unknown rule, a deleted rule and a stale version', () => {
    const deleted = getRule(decideDeleteRule(present, { id: 'r1' }, createContext(LATER)));
    expect(decideDeleteRule(undefined, { id: 'r1' }, createContext(LATER))).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(decideDeleteRule(deleted, { id: 'r1' }, createContext(LATER))).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(decideDeleteRule(present, { id: 'r1', expectedVersion: 2 }, createContext(LATER))).toMatchObject({
      code: 'STALE_VERSION',
      details: { version: 1 },
    });
  });
});

const time = fc.oneof(
  fc.constantFrom('00:00', '08:00:00', '23:59:59', '24:00', 'x', null, undefined),
  fc.string(),
);
/** Every field. The compiler reports one that is missing. */
const anyInput: fc.Arbitrary<Required<CreateRuleCommand>> = fc.record({
  userId: fc.option(fc.string({ maxLength: 140 })),
  name: fc.string({ unit: 'binary', maxLength: 130 }),
  opening: fc.string({ unit: 'grapheme', maxLength: 90 }),
  opensAt: time,
  closesAt: time,
  days: fc.option(fc.array(fc.constantFrom(...WEEKDAYS), { maxLength: 8 })),
  timeZone: fc.oneof(fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'utc'), fc.string()),
  maxOpenSeconds: fc.option(fc.integer({ min: -1, max: 700_000 })),
  severity: fc.constantFrom('INFO', 'WARNING', 'CRITICAL'),
  enabled: fc.boolean(),
  effectiveFrom: fc.oneof(
    fc.constantFrom(null, undefined, 'x'),
    fc
      .date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
});

describe('access to rule commands', () => {
  const ana: Actor = { id: 'ana', role: 'customer' };
  const ben: Actor = { id: 'ben', role: 'customer' };
  const device: Actor = { id: 'ana', role: 'device' };
  const by = (caller: Actor, input: Partial<CreateRuleCommand> = {}) =>
    decideCreateRule('r1', { ...valid, userId: undefined, ...input }, createContext(NOW, caller));
  const forbidden = (path: readonly string[]) => ({ code: 'FORBIDDEN', faults: [{ path }] });

  it('lets a caller create own rules, and only an operator those of other users', () => {
    expect(getRule(by(ana)).userId).toBe('ana');
    expect(getRule(by(ana, { userId: 'ana' })).userId).toBe('ana');
    expect(getRule(by(operator)).userId).toBe('olga');
    expect(getRule(by(operator, { userId: 'ana' })).userId).toBe('ana');
    expect(by(ben, { userId: 'ana' })).toMatchObject(forbidden(['input', 'userId']));
  });

  it('reports only the forbidden field', () => {
    const decision = by(ben, { userId: 'ana', name: '' });
    expect(decision).toMatchObject(forbidden(['input', 'userId']));
    expect(listFaults(decision)).toStrictEqual(['userId FORBIDDEN']);
  });

  it('hides rules of other users', () => {
    const rule = getRule(by(ana));
    const theirs = createContext(LATER, ben);
    expect(decideUpdateRule(rule, { id: 'r1', name: 'x' }, theirs)).toStrictEqual(
      decideUpdateRule(undefined, { id: 'r1', name: 'x' }, theirs),
    );
    expect(decideDeleteRule(rule, { id: 'r1', expectedVersion: 7 }, theirs)).toStrictEqual(
      decideDeleteRule(undefined, { id: 'r1', expectedVersion: 7 }, theirs),
    );
    expect(decideDeleteRule(rule, { id: 'r1' }, createContext(LATER, operator)).kind).toBe('accepted');
    expect(decideDeleteRule(rule, { id: 'r1' }, createContext(LATER, ana)).kind).toBe('accepted');
  });

  it('forbids devices to change rules, even those of their own user', () => {
    const rule = getRule(by(ana));
    const own = createContext(LATER, device);
    for (const decision of [
      by(device),
      decideUpdateRule(rule, { id: 'r1', name: 'x' }, own),
      decideDeleteRule(rule, { id: 'r1' }, own),
    ]) {
      expect(decision).toMatchObject(forbidden(['input']));
    }
  });
});
