import { ruleStateSchema, WEEKDAYS, type Actor, type RuleState } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideCreate, type CreateRule } from './create-rule.js';
import type { RuleDecision } from './decision.js';
import { decideDelete } from './delete-rule.js';
import { decideUpdate, type UpdateRule } from './update-rule.js';

const NOW = '2026-01-31T08:00:00.000Z';
const LATER = '2026-02-01T08:00:00.000Z';

const operator: Actor = { id: 'olga', role: 'operator' };
const circumstances = (now: string, caller = operator) => ({ caller, now });

const valid: CreateRule = {
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  opensAt: '08:00',
  closesAt: '18:00',
  timeZone: 'America/Bogota',
  severity: 'WARNING',
  enabled: true,
};

const create = (input: Partial<CreateRule> = {}) =>
  decideCreate({ ...valid, ...input }, 'r1', circumstances(NOW));

function ruleOf(decision: RuleDecision): RuleState {
  if (decision.kind !== 'happened') throw new Error(`it came to ${JSON.stringify(decision)}`);
  return decision.event.data.rule;
}

/** `path code` of each fault. */
function faultsOf(decision: RuleDecision): string[] {
  if (decision.kind !== 'refused') throw new Error(`it came to ${JSON.stringify(decision)}`);
  return decision.refusal.faults.map(({ path, code }) => `${path.slice(1).join('.')} ${code}`);
}

describe('decideCreate', () => {
  it('makes version 1, with the defaults and the normal form of each field', () => {
    const rule = ruleOf(
      create({
        name: '  Cafe\u0301 ',
        closesAt: '18:30:00',
        days: ['SUNDAY', 'MONDAY'],
        timeZone: 'europe/madrid',
      }),
    );
    expect(rule).toStrictEqual({
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
    });
  });

  it.each<[string, Partial<CreateRule>, string[]]>([
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
  ])('refuses %s', (_, input, faults) => {
    expect(faultsOf(create(input))).toStrictEqual(faults);
  });

  it('tells every fault at once', () => {
    const decision = create({
      userId: ' ',
      name: '',
      opensAt: 'x',
      closesAt: null,
      days: ['MONDAY', 'MONDAY'],
    });
    expect(faultsOf(decision)).toStrictEqual([
      'userId EMPTY',
      'name EMPTY',
      'opensAt INVALID',
      'days.1 REPEATED',
      'closesAt HALF_HOURS',
    ]);
  });

  it.each<[string, Partial<CreateRule>]>([
    ['a timer alone', { opensAt: null, closesAt: null, maxOpenSeconds: 604_800 }],
    ['no day at all', { days: [] }],
    ['120 characters beyond the basic plane', { name: '🚪'.repeat(120) }],
    ['a start exactly a year ahead', { effectiveFrom: '2027-01-31T03:00:00-05:00' }],
    ['a start long ago', { effectiveFrom: '0001-01-01T00:00:00Z' }],
  ])('accepts %s', (_, input) => {
    expect(create(input).kind).toBe('happened');
  });

  it('either gives a rule that the contract allows, or faults with a path into the input', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const decision = decideCreate(input, 'r1', circumstances(NOW));
        if (decision.kind === 'refused') {
          expect(decision.refusal.faults.length).toBeGreaterThan(0);
          for (const { path } of decision.refusal.faults) expect(path[0]).toBe('input');
        } else {
          const rule = ruleStateSchema.parse(ruleOf(decision));
          expect(rule.opensAt === null).toBe(rule.closesAt === null);
          expect(rule.opensAt ?? rule.maxOpenSeconds).not.toBeNull();
          // What was accepted is in normal form: sent again, it comes out the same.
          const again = decideCreate({ ...rule, days: rule.days }, 'r1', circumstances(NOW));
          expect(ruleOf(again)).toStrictEqual(rule);
        }
      }),
    );
  });
});

describe('decideUpdate', () => {
  const present = ruleOf(create({ maxOpenSeconds: 60 }));
  const update = (input: Omit<UpdateRule, 'id'>, rule: RuleState | undefined = present) =>
    decideUpdate(rule, { id: 'r1', ...input }, circumstances(LATER));

  it('changes what is given and leaves the rest', () => {
    expect(ruleOf(update({ name: 'Back door', severity: 'CRITICAL' }))).toStrictEqual({
      ...present,
      name: 'Back door',
      severity: 'CRITICAL',
      updatedAt: LATER,
      version: 2,
    });
  });

  it('null clears hours and timer, and sets days to all seven', () => {
    const monday = ruleOf(create({ days: ['MONDAY'], maxOpenSeconds: 60 }));
    const rule = ruleOf(update({ opensAt: null, closesAt: null, days: null }, monday));
    expect(rule).toMatchObject({ opensAt: null, closesAt: null, days: WEEKDAYS, maxOpenSeconds: 60 });
  });

  it.each<[string, Omit<UpdateRule, 'id'>, string[]]>([
    [
      'null elsewhere',
      { name: null, timeZone: null, severity: null, enabled: null },
      ['name NULL', 'timeZone NULL', 'severity NULL', 'enabled NULL'],
    ],
    ['hours half cleared', { opensAt: null }, ['opensAt HALF_HOURS']],
    ['everything cleared', { opensAt: null, closesAt: null, maxOpenSeconds: null }, [' NO_HOURS_NO_TIMER']],
    [
      'what createRule refuses',
      { name: ' ', maxOpenSeconds: -1, days: ['MONDAY', 'MONDAY'] },
      ['name EMPTY', 'days.1 REPEATED', 'maxOpenSeconds OUT_OF_RANGE'],
    ],
  ])('refuses %s', (_, input, faults) => {
    expect(faultsOf(update(input))).toStrictEqual(faults);
  });

  it('makes no version of a change that changes nothing', () => {
    expect(update({ name: ' Shop door ', days: [...WEEKDAYS].reverse() })).toStrictEqual({
      kind: 'unchanged',
      state: present,
    });
  });

  it('refuses an expected version that no longer holds, and tells the present one', () => {
    const decision = update({ expectedVersion: 4, name: 'Back door' });
    expect(decision).toMatchObject({
      kind: 'refused',
      refusal: { code: 'STALE_VERSION', details: { version: 1 } },
    });
    expect(update({ expectedVersion: 1, name: 'Back door' }).kind).toBe('happened');
  });

  it('knows neither an unknown rule nor a deleted one', () => {
    const deleted = ruleOf(decideDelete(present, { id: 'r1' }, circumstances(LATER)));
    for (const rule of [undefined, deleted]) {
      expect(decideUpdate(rule, { id: 'r1', name: 'x' }, circumstances(LATER))).toMatchObject({
        refusal: { code: 'NOT_FOUND' },
      });
    }
  });

  it('keeps the order of versions where the clock was set back', () => {
    const rule = ruleOf(
      decideUpdate(present, { id: 'r1', name: 'x' }, circumstances('2020-01-01T00:00:00.000Z')),
    );
    expect(rule.updatedAt).toBe(present.updatedAt);
  });
});

describe('decideDelete', () => {
  const present = ruleOf(create());

  it('keeps the rule, with the instant of its end', () => {
    expect(
      ruleOf(decideDelete(present, { id: 'r1', expectedVersion: 1 }, circumstances(LATER))),
    ).toStrictEqual({
      ...present,
      deletedAt: LATER,
      updatedAt: LATER,
      version: 2,
    });
  });

  it('refuses an unknown, a deleted and a stale one', () => {
    const deleted = ruleOf(decideDelete(present, { id: 'r1' }, circumstances(LATER)));
    expect(decideDelete(undefined, { id: 'r1' }, circumstances(LATER))).toMatchObject({
      refusal: { code: 'NOT_FOUND' },
    });
    expect(decideDelete(deleted, { id: 'r1' }, circumstances(LATER))).toMatchObject({
      refusal: { code: 'NOT_FOUND' },
    });
    expect(decideDelete(present, { id: 'r1', expectedVersion: 2 }, circumstances(LATER))).toMatchObject({
      refusal: { code: 'STALE_VERSION', details: { version: 1 } },
    });
  });
});

const time = fc.oneof(
  fc.constantFrom('00:00', '08:00:00', '23:59:59', '24:00', 'x', null, undefined),
  fc.string(),
);
const anyInput: fc.Arbitrary<CreateRule> = fc.record({
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

describe('who may command', () => {
  const ana: Actor = { id: 'ana', role: 'customer' };
  const ben: Actor = { id: 'ben', role: 'customer' };
  const device: Actor = { id: 'ana', role: 'device' };
  const by = (caller: Actor, input: Partial<CreateRule> = {}) =>
    decideCreate({ ...valid, userId: undefined, ...input }, 'r1', circumstances(NOW, caller));
  const forbidden = (path: readonly string[]) => ({ refusal: { code: 'FORBIDDEN', faults: [{ path }] } });

  it('makes rules of one’s own, and of others as an operator only', () => {
    expect(ruleOf(by(ana)).userId).toBe('ana');
    expect(ruleOf(by(ana, { userId: 'ana' })).userId).toBe('ana');
    expect(ruleOf(by(operator)).userId).toBe('olga');
    expect(ruleOf(by(operator, { userId: 'ana' })).userId).toBe('ana');
    expect(by(ben, { userId: 'ana' })).toMatchObject(forbidden(['input', 'userId']));
  });

  it('is told what is forbidden, and nothing else', () => {
    const decision = by(ben, { userId: 'ana', name: '' });
    expect(decision).toMatchObject(forbidden(['input', 'userId']));
    expect(faultsOf(decision)).toStrictEqual(['userId FORBIDDEN']);
  });

  it('cannot tell the rule of another from one that is not there', () => {
    const rule = ruleOf(by(ana));
    const theirs = circumstances(LATER, ben);
    expect(decideUpdate(rule, { id: 'r1', name: 'x' }, theirs)).toStrictEqual(
      decideUpdate(undefined, { id: 'r1', name: 'x' }, theirs),
    );
    expect(decideDelete(rule, { id: 'r1', expectedVersion: 7 }, theirs)).toStrictEqual(
      decideDelete(undefined, { id: 'r1', expectedVersion: 7 }, theirs),
    );
    expect(decideDelete(rule, { id: 'r1' }, circumstances(LATER, operator)).kind).toBe('happened');
    expect(decideDelete(rule, { id: 'r1' }, circumstances(LATER, ana)).kind).toBe('happened');
  });

  it('is no device, even over its own user’s rules', () => {
    const rule = ruleOf(by(ana));
    const own = circumstances(LATER, device);
    for (const decision of [
      by(device),
      decideUpdate(rule, { id: 'r1', name: 'x' }, own),
      decideDelete(rule, { id: 'r1' }, own),
    ]) {
      expect(decision).toMatchObject(forbidden(['input']));
    }
  });
});
