import { WEEKDAYS, type InputFault, type RuleDefinition } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import type { InputCheckResult } from './input-check.js';
import {
  checkRuleChanges,
  checkRuleConditions,
  checkRuleFields,
  checkRuleLimits,
  type RuleDefinitionChanges,
  type RuleDefinitionInput,
} from './rule-input-check.js';

const INPUT: RuleDefinitionInput = {
  name: ' Shop door ',
  opening: ' Door ',
  opensAt: '08:00:00',
  closesAt: '18:00',
  days: ['FRIDAY', 'MONDAY'],
  timeZone: 'america/bogota',
  maxOpenSeconds: 60,
  severity: 'WARNING',
  enabled: false,
};
const DEFINITION: RuleDefinition = {
  name: 'Shop door',
  opening: 'Door',
  opensAt: '08:00',
  closesAt: '18:00',
  days: ['MONDAY', 'FRIDAY'],
  timeZone: 'America/Bogota',
  maxOpenSeconds: 60,
  severity: 'WARNING',
  enabled: false,
};

const getFaults = (result: InputCheckResult<unknown>): readonly InputFault[] =>
  'faults' in result ? result.faults : [];

describe('checkRuleFields', () => {
  it('normalizes each field', () => {
    expect(checkRuleFields(INPUT)).toEqual({ value: DEFINITION });
  });

  it.each([undefined, null])('gives a nullable field that is %s its default', (absent) => {
    const nullable = { opensAt: absent, closesAt: absent, days: absent, maxOpenSeconds: absent };
    expect(checkRuleFields({ ...INPUT, ...nullable })).toEqual({
      value: { ...DEFINITION, opensAt: null, closesAt: null, days: WEEKDAYS, maxOpenSeconds: null },
    });
  });

  it.each<[Partial<RuleDefinitionInput>, InputFault]>([
    [{ name: ' ' }, { path: ['name'], code: 'EMPTY', message: 'name must not be empty.' }],
    [
      { name: 'x'.repeat(121) },
      { path: ['name'], code: 'TOO_LONG', message: 'name must have at most 120 characters; it has 121.' },
    ],
    [
      { opening: 'x'.repeat(81) },
      { path: ['opening'], code: 'TOO_LONG', message: 'opening must have at most 80 characters; it has 81.' },
    ],
    [
      { opensAt: '8:00' },
      { path: ['opensAt'], code: 'INVALID', message: 'opensAt must be a time like 08:00 or 08:00:30.' },
    ],
    [
      { closesAt: '24:00' },
      { path: ['closesAt'], code: 'INVALID', message: 'closesAt must be a time like 08:00 or 08:00:30.' },
    ],
    [
      { timeZone: 'Bogota' },
      {
        path: ['timeZone'],
        code: 'INVALID',
        message: 'timeZone must be an IANA time zone name, such as America/Bogota.',
      },
    ],
    [
      { days: ['MONDAY', 'FRIDAY', 'MONDAY'] },
      { path: ['days', 2], code: 'REPEATED', message: 'days names MONDAY more than once.' },
    ],
    [
      { days: [...WEEKDAYS, 'MONDAY'] },
      { path: ['days'], code: 'OUT_OF_RANGE', message: 'days must have at most 7 values; it has 8.' },
    ],
    [
      { maxOpenSeconds: 0 },
      { path: ['maxOpenSeconds'], code: 'OUT_OF_RANGE', message: 'maxOpenSeconds must be from 1 to 604800.' },
    ],
    [
      { maxOpenSeconds: 604_801 },
      { path: ['maxOpenSeconds'], code: 'OUT_OF_RANGE', message: 'maxOpenSeconds must be from 1 to 604800.' },
    ],
  ])('rejects %j', (fields, fault) => {
    expect(checkRuleFields({ ...INPUT, ...fields })).toEqual({ faults: [fault] });
  });

  it.each(['name', 'opening', 'timeZone', 'severity', 'enabled'] as const)(
    'rejects a required %s that is null',
    (field) => {
      expect(checkRuleFields({ ...INPUT, [field]: null })).toEqual({
        faults: [{ path: [field], code: 'NULL', message: `${field} must not be null.` }],
      });
    },
  );

  it.each([{ days: [...WEEKDAYS] }, { days: [] }, { maxOpenSeconds: 1 }, { maxOpenSeconds: 604_800 }])(
    'accepts %j',
    (fields) => {
      expect(checkRuleFields({ ...INPUT, ...fields })).toEqual({ value: { ...DEFINITION, ...fields } });
    },
  );

  it('reports the faults of all fields', () => {
    const faults = getFaults(checkRuleFields({ ...INPUT, name: '', opensAt: 'x', maxOpenSeconds: -1 }));
    expect(faults.map(({ path }) => path)).toEqual([['name'], ['opensAt'], ['maxOpenSeconds']]);
  });
});

describe('checkRuleLimits', () => {
  it.each([
    { opensAt: '08:00', closesAt: '18:00' },
    { maxOpenSeconds: 60 },
    { opensAt: '08:00', closesAt: '18:00', maxOpenSeconds: 60 },
  ])('accepts %j', (input) => {
    expect(checkRuleLimits(input)).toEqual({ value: undefined });
  });

  it.each([
    [{ opensAt: '08:00', maxOpenSeconds: 60 }, 'closesAt'],
    [{ closesAt: '08:00' }, 'opensAt'],
  ])('rejects %j, which lacks %s', (input, missing) => {
    expect(checkRuleLimits(input)).toEqual({
      faults: [
        { path: [missing], code: 'HALF_HOURS', message: 'opensAt and closesAt must be given together.' },
      ],
    });
  });

  it('rejects a rule that limits nothing', () => {
    const message = 'A rule needs hours (opensAt and closesAt), or a timer (maxOpenSeconds), or both.';
    expect(checkRuleLimits({})).toEqual({ faults: [{ path: [], code: 'NO_HOURS_NO_TIMER', message }] });
  });
});

describe('checkRuleConditions', () => {
  it('returns the conditions only', () => {
    const { opensAt, closesAt, days, timeZone, maxOpenSeconds } = DEFINITION;
    const conditions = { opensAt, closesAt, days, timeZone, maxOpenSeconds };
    expect(checkRuleConditions(conditions)).toEqual({ value: conditions });
  });

  it('reports faults of fields and of their combination', () => {
    const faults = getFaults(checkRuleConditions({ opensAt: 'x', timeZone: 'UTC' }));
    expect(faults.map(({ code, path }) => [code, ...path])).toEqual([
      ['INVALID', 'opensAt'],
      ['HALF_HOURS', 'closesAt'],
    ]);
  });
});

describe('checkRuleChanges', () => {
  it.each<[RuleDefinitionChanges, Partial<RuleDefinition>]>([
    [{}, {}],
    [{ name: ' Other ' }, { name: 'Other' }],
    [{ name: undefined }, {}],
    [{ days: null }, { days: [...WEEKDAYS] }],
    [{ maxOpenSeconds: null }, { maxOpenSeconds: null }],
    [
      { opensAt: null, closesAt: null },
      { opensAt: null, closesAt: null },
    ],
    [{ enabled: true }, { enabled: true }],
  ])('applies %j', (changes, changed) => {
    expect(checkRuleChanges(DEFINITION, changes)).toEqual({ value: { ...DEFINITION, ...changed } });
  });

  it('does not check a field that does not change', () => {
    const stored = { ...DEFINITION, name: 'x'.repeat(500) };
    expect(checkRuleChanges(stored, { enabled: true })).toEqual({ value: { ...stored, enabled: true } });
  });

  it.each<[RuleDefinitionChanges, (string | number)[]]>([
    [{ name: null }, ['NULL', 'name']],
    [{ opensAt: null }, ['HALF_HOURS', 'opensAt']],
    [{ closesAt: null }, ['HALF_HOURS', 'closesAt']],
    [{ opensAt: null, closesAt: null, maxOpenSeconds: null }, ['NO_HOURS_NO_TIMER']],
  ])('rejects %j', (changes, fault) => {
    const faults = getFaults(checkRuleChanges(DEFINITION, changes));
    expect(faults.map(({ code, path }) => [code, ...path])).toEqual([fault]);
  });
});
