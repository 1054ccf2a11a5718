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
/** Ana has one calendar. */
const hasCalendar = (userId: string, id: string) => userId === 'ana' && id === 'c1';

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

const NO_SHORT_FORM = { opensAt: null, closesAt: null };
const SHOP_HOURS = { opensAt: '08:00', closesAt: '18:00' };
const EVENING_HOURS = { opensAt: '20:00', closesAt: '23:00' };

const create = (input: Partial<CreateRuleCommand> = {}) =>
  decideCreateRule('r1', { ...valid, ...input }, hasCalendar, createContext(NOW));

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
        windows: [{ days: ['MONDAY', 'SUNDAY'], opensAt: '08:00', closesAt: '18:30', openBy: null }],
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
    ['a negative grace', { graceSeconds: -1 }, ['graceSeconds OUT_OF_RANGE']],
    ['a grace over an hour', { graceSeconds: 3_601 }, ['graceSeconds OUT_OF_RANGE']],
    ['a silence under a minute', { silentAfterSeconds: 59 }, ['silentAfterSeconds OUT_OF_RANGE']],
    ['a silence over 30 days', { silentAfterSeconds: 2_592_001 }, ['silentAfterSeconds OUT_OF_RANGE']],
    [
      'both forms of hours',
      { windows: [SHOP_HOURS], days: ['MONDAY'] },
      ['windows INVALID', 'opensAt INVALID', 'closesAt INVALID', 'days INVALID'],
    ],
    [
      'a window that is opened too late',
      { ...NO_SHORT_FORM, windows: [SHOP_HOURS, { ...SHOP_HOURS, openBy: '18:01' }] },
      ['windows.1.openBy OUT_OF_RANGE'],
    ],
    [
      '51 windows',
      { ...NO_SHORT_FORM, windows: Array.from({ length: 51 }, () => SHOP_HOURS) },
      ['windows OUT_OF_RANGE'],
    ],
    [
      'a bad active window',
      { activeWindows: [{ opensAt: '22:00', closesAt: '6' }] },
      ['activeWindows.0.closesAt INVALID'],
    ],
    ['a calendar that does not exist', { calendarId: 'c2' }, ['calendarId NOT_FOUND']],
    ['a calendar of another user', { userId: 'ben', calendarId: 'c1' }, ['calendarId NOT_FOUND']],
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

  it('stores windows, and all other conditions', () => {
    const conditions = {
      windows: [{ days: [...WEEKDAYS], opensAt: '08:00', closesAt: '18:00', openBy: '09:00' }],
      calendarId: 'c1',
      graceSeconds: 3_600,
      maxOpenSeconds: 60,
      activeWindows: [{ days: [], opensAt: '22:00', closesAt: '06:00' }],
      silentAfterSeconds: 60,
      onTamper: true,
      onBatteryLow: true,
    };
    expect(getRule(create({ ...NO_SHORT_FORM, ...conditions }))).toMatchObject(conditions);
  });

  it.each<[string, Partial<CreateRuleCommand>]>([
    ['a timer alone', { ...NO_SHORT_FORM, maxOpenSeconds: 604_800 }],
    ['silence alone', { ...NO_SHORT_FORM, silentAfterSeconds: 2_592_000 }],
    ['tampering alone', { ...NO_SHORT_FORM, onTamper: true }],
    ['a low battery alone', { ...NO_SHORT_FORM, onBatteryLow: true }],
    ['no window at all', { ...NO_SHORT_FORM, windows: [] }],
    ['windows with a short form of null', { ...NO_SHORT_FORM, windows: [SHOP_HOURS], days: null }],
    ['an own calendar', { calendarId: 'c1' }],
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
        const decision = decideCreateRule('r1', input, hasCalendar, createContext(NOW));
        if (decision.kind === 'rejected') {
          expect(decision.faults.length).toBeGreaterThan(0);
          for (const { path } of decision.faults) expect(path[0]).toBe('input');
        } else {
          const rule = ruleStateSchema.parse(getRule(decision));
          const isWatched = rule.onTamper || rule.onBatteryLow;
          expect(
            isWatched || (rule.windows ?? rule.maxOpenSeconds ?? rule.silentAfterSeconds),
          ).not.toBeNull();
          // An accepted input is normalized: the same rule results if it is sent again.
          const again = decideCreateRule('r1', rule, hasCalendar, createContext(NOW));
          expect(getRule(again)).toStrictEqual(rule);
        }
      }),
    );
  });
});

describe('decideUpdateRule', () => {
  const present = getRule(create({ maxOpenSeconds: 60 }));
  const update = (input: Omit<UpdateRuleCommand, 'id'>, rule: RuleState | undefined = present) =>
    decideUpdateRule(rule, { id: 'r1', ...input }, hasCalendar, createContext(LATER));

  it('changes the given fields only', () => {
    expect(getRule(update({ name: 'Back door', severity: 'CRITICAL' }))).toStrictEqual({
      ...present,
      name: 'Back door',
      severity: 'CRITICAL',
      updatedAt: LATER,
      version: 2,
    });
  });

  it.each([{ windows: null }, { opensAt: null, closesAt: null, days: null }])(
    'clears hours with %o',
    (change) => {
      const monday = getRule(create({ days: ['MONDAY'], maxOpenSeconds: 60 }));
      expect(getRule(update(change, monday))).toMatchObject({ windows: null, maxOpenSeconds: 60 });
    },
  );

  it('clears the other conditions with null', () => {
    const full = getRule(
      create({
        calendarId: 'c1',
        graceSeconds: 60,
        activeWindows: [SHOP_HOURS],
        silentAfterSeconds: 60,
        onTamper: true,
        onBatteryLow: true,
      }),
    );
    const cleared = {
      calendarId: null,
      graceSeconds: null,
      maxOpenSeconds: null,
      activeWindows: null,
      silentAfterSeconds: null,
      onTamper: null,
      onBatteryLow: null,
    };
    expect(getRule(update(cleared, full))).toStrictEqual({
      ...getRule(create()),
      updatedAt: LATER,
      version: 2,
    });
  });

  it('changes one window with the short form, and keeps absent fields of it', () => {
    const monday = getRule(create({ days: ['MONDAY'] }));
    expect(getRule(update({ closesAt: '19:00' }, monday)).windows).toStrictEqual([
      { days: ['MONDAY'], opensAt: '08:00', closesAt: '19:00', openBy: null },
    ]);
  });

  it('takes either form in the place of several windows', () => {
    const several = getRule(create({ ...NO_SHORT_FORM, windows: [SHOP_HOURS, EVENING_HOURS] }));
    expect(getRule(update({ opensAt: '10:00', closesAt: '11:00' }, several)).windows).toStrictEqual([
      { days: [...WEEKDAYS], opensAt: '10:00', closesAt: '11:00', openBy: null },
    ]);
    expect(getRule(update({ windows: [EVENING_HOURS] }, several)).windows).toHaveLength(1);
    expect(listFaults(update({ opensAt: '10:00' }, several))).toStrictEqual(['closesAt HALF_HOURS']);
    expect(listFaults(update({ days: ['MONDAY'] }, several))).toStrictEqual(['days INVALID']);
  });

  it('changes nothing if the short form is that of a window that has to be opened', () => {
    const openBy = getRule(create({ ...NO_SHORT_FORM, windows: [{ ...SHOP_HOURS, openBy: '09:00' }] }));
    const same = { opensAt: '08:00', closesAt: '18:00', days: [...WEEKDAYS] };
    expect(update(same, openBy)).toStrictEqual({ kind: 'accepted', events: [] });
  });

  it('looks for a new calendar only', () => {
    const named = { ...present, calendarId: 'gone' };
    expect(update({ calendarId: 'gone', name: 'x' }, named).kind).toBe('accepted');
    expect(update({ name: 'x' }, named).kind).toBe('accepted');
    expect(listFaults(update({ calendarId: 'c2' }, named))).toStrictEqual(['calendarId NOT_FOUND']);
    expect(getRule(update({ calendarId: 'c1' }, named)).calendarId).toBe('c1');
  });

  it.each<[string, Omit<UpdateRuleCommand, 'id'>, string[]]>([
    [
      'null elsewhere',
      { name: null, timeZone: null, severity: null, enabled: null },
      ['name NULL', 'timeZone NULL', 'severity NULL', 'enabled NULL'],
    ],
    ['hours half cleared', { opensAt: null }, ['opensAt HALF_HOURS']],
    ['everything cleared at once', { windows: null, maxOpenSeconds: null }, [' NO_HOURS_NO_TIMER']],
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
      expect(
        decideUpdateRule(rule, { id: 'r1', name: 'x' }, hasCalendar, createContext(LATER)),
      ).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('keeps updatedAt in the order of versions when the clock is set back', () => {
    const rule = getRule(
      decideUpdateRule(
        present,
        { id: 'r1', name: 'x' },
        hasCalendar,
        createContext('2020-01-01T00:00:00.000Z'),
      ),
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
const anyDays = fc.option(fc.array(fc.constantFrom(...WEEKDAYS), { maxLength: 8 }));
const anyWindow = fc.record({
  days: anyDays,
  opensAt: fc.constantFrom('00:00', '08:00:00', '22:30', 'x'),
  closesAt: fc.constantFrom('00:00', '12:00:01', '24:00'),
  openBy: fc.constantFrom(null, undefined, '08:00', '23:00'),
});
/** Every field. The compiler reports one that is missing. */
const anyInput: fc.Arbitrary<Required<CreateRuleCommand>> = fc.record({
  userId: fc.option(fc.string({ maxLength: 140 })),
  name: fc.string({ unit: 'binary', maxLength: 130 }),
  opening: fc.string({ unit: 'grapheme', maxLength: 90 }),
  windows: fc.option(fc.array(anyWindow, { maxLength: 3 }), { nil: undefined, freq: 1 }),
  opensAt: time,
  closesAt: time,
  days: anyDays,
  calendarId: fc.constantFrom(null, undefined, 'c1'),
  timeZone: fc.oneof(fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'utc'), fc.string()),
  graceSeconds: fc.option(fc.integer({ min: -1, max: 3_700 })),
  maxOpenSeconds: fc.option(fc.integer({ min: -1, max: 700_000 })),
  activeWindows: fc.option(fc.array(anyWindow, { maxLength: 2 })),
  silentAfterSeconds: fc.option(fc.integer({ min: 50, max: 2_600_000 })),
  onTamper: fc.option(fc.boolean()),
  onBatteryLow: fc.option(fc.boolean()),
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
    decideCreateRule(
      'r1',
      { ...valid, userId: undefined, ...input },
      hasCalendar,
      createContext(NOW, caller),
    );
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
    expect(decideUpdateRule(rule, { id: 'r1', name: 'x' }, hasCalendar, theirs)).toStrictEqual(
      decideUpdateRule(undefined, { id: 'r1', name: 'x' }, hasCalendar, theirs),
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
      decideUpdateRule(rule, { id: 'r1', name: 'x' }, hasCalendar, own),
      decideDeleteRule(rule, { id: 'r1' }, own),
    ]) {
      expect(decision).toMatchObject(forbidden(['input']));
    }
  });
});
