import {
  pickFields,
  ruleConditionsSchema,
  WEEKDAYS,
  type InputFault,
  type RuleDefinition,
} from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import type { InputCheckResult } from './input-check.js';
import {
  checkRuleChanges,
  checkRuleConditions,
  checkRuleDefinition,
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
  windows: [{ days: ['MONDAY', 'FRIDAY'], opensAt: '08:00', closesAt: '18:00', openBy: null }],
  calendarId: null,
  timeZone: 'America/Bogota',
  graceSeconds: 0,
  maxOpenSeconds: 60,
  activeWindows: null,
  silentAfterSeconds: null,
  onTamper: false,
  onBatteryLow: false,
  severity: 'WARNING',
  enabled: false,
};

const getFaults = (result: InputCheckResult<unknown>): readonly InputFault[] =>
  'faults' in result ? result.faults : [];

describe('checkRuleDefinition', () => {
  it('normalizes each field', () => {
    expect(checkRuleDefinition(INPUT)).toEqual({ value: DEFINITION });
  });

  it.each([undefined, null])('gives a nullable field that is %s its default', (absent) => {
    const nullable = {
      opensAt: absent,
      closesAt: absent,
      days: absent,
      windows: absent,
      calendarId: absent,
      graceSeconds: absent,
      activeWindows: absent,
      silentAfterSeconds: absent,
      onTamper: absent,
      onBatteryLow: absent,
    };
    const { name, opening, timeZone, severity, enabled } = INPUT;
    const required = { name, opening, timeZone, severity, enabled, maxOpenSeconds: 60 };
    expect(checkRuleDefinition({ ...required, ...nullable })).toEqual({
      value: { ...DEFINITION, windows: null },
    });
    expect(
      checkRuleDefinition({ ...required, ...nullable, silentAfterSeconds: 60, maxOpenSeconds: absent }),
    ).toEqual({
      value: { ...DEFINITION, windows: null, silentAfterSeconds: 60, maxOpenSeconds: null },
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
    [
      { graceSeconds: -1 },
      { path: ['graceSeconds'], code: 'OUT_OF_RANGE', message: 'graceSeconds must be from 0 to 3600.' },
    ],
    [
      { graceSeconds: 3_601 },
      { path: ['graceSeconds'], code: 'OUT_OF_RANGE', message: 'graceSeconds must be from 0 to 3600.' },
    ],
    [
      { silentAfterSeconds: 59 },
      {
        path: ['silentAfterSeconds'],
        code: 'OUT_OF_RANGE',
        message: 'silentAfterSeconds must be from 60 to 2592000.',
      },
    ],
    [
      { silentAfterSeconds: 2_592_001 },
      {
        path: ['silentAfterSeconds'],
        code: 'OUT_OF_RANGE',
        message: 'silentAfterSeconds must be from 60 to 2592000.',
      },
    ],
    [
      { calendarId: 'x'.repeat(129) },
      {
        path: ['calendarId'],
        code: 'TOO_LONG',
        message: 'calendarId must have at most 128 characters; it has 129.',
      },
    ],
  ])('rejects %j', (fields, fault) => {
    expect(checkRuleDefinition({ ...INPUT, ...fields })).toEqual({ faults: [fault] });
  });

  it.each(['name', 'opening', 'timeZone', 'severity', 'enabled'] as const)(
    'rejects a required %s that is null',
    (field) => {
      expect(checkRuleDefinition({ ...INPUT, [field]: null })).toEqual({
        faults: [{ path: [field], code: 'NULL', message: `${field} must not be null.` }],
      });
    },
  );

  it.each<Partial<RuleDefinitionInput> & Partial<RuleDefinition>>([
    { maxOpenSeconds: 1 },
    { maxOpenSeconds: 604_800 },
    { graceSeconds: 3_600 },
    { silentAfterSeconds: 60 },
    { silentAfterSeconds: 2_592_000 },
    { onTamper: true, onBatteryLow: true },
    { calendarId: 'a-calendar' },
    { activeWindows: [] },
    { activeWindows: [{ days: ['MONDAY'], opensAt: '22:00', closesAt: '06:00' }] },
  ])('accepts %j', (fields) => {
    expect(checkRuleDefinition({ ...INPUT, ...fields })).toEqual({ value: { ...DEFINITION, ...fields } });
  });

  it.each([[[...WEEKDAYS]], [[]]])('accepts the days %j', (days) => {
    const windows = [{ days, opensAt: '08:00', closesAt: '18:00', openBy: null }];
    expect(checkRuleDefinition({ ...INPUT, days })).toEqual({ value: { ...DEFINITION, windows } });
  });

  it('reports the faults of all fields', () => {
    const faults = getFaults(checkRuleDefinition({ ...INPUT, name: '', opensAt: 'x', maxOpenSeconds: -1 }));
    expect(faults.map(({ path }) => path)).toEqual([['name'], ['opensAt'], ['maxOpenSeconds']]);
  });
});

const SHORT = { opensAt: null, closesAt: null, days: null };
/** The definition without hours and timer. */
const NOTHING = { ...INPUT, ...SHORT, maxOpenSeconds: null };

describe('checkRuleDefinition of a combination of fields', () => {
  it.each<Partial<RuleDefinitionInput>>([
    { opensAt: '08:00', closesAt: '18:00' },
    { windows: [] },
    { windows: [{ opensAt: '08:00', closesAt: '18:00' }] },
    { maxOpenSeconds: 60 },
    { silentAfterSeconds: 60 },
    { onTamper: true },
    { onBatteryLow: true },
  ])('accepts %j alone', (input) => {
    expect(checkRuleDefinition({ ...NOTHING, ...input })).toHaveProperty('value');
  });

  it.each<[Partial<RuleDefinitionInput>, string]>([
    [{ opensAt: '08:00', maxOpenSeconds: 60 }, 'closesAt'],
    [{ closesAt: '08:00' }, 'opensAt'],
  ])('rejects %j, which lacks %s', (input, missing) => {
    expect(checkRuleDefinition({ ...NOTHING, ...input })).toEqual({
      faults: [
        { path: [missing], code: 'HALF_HOURS', message: 'opensAt and closesAt must be given together.' },
      ],
    });
  });

  it.each<Partial<RuleDefinitionInput>>([
    {},
    { graceSeconds: 60, onTamper: false, onBatteryLow: null },
    { days: ['MONDAY'], calendarId: 'a-calendar' },
    { activeWindows: [] },
  ])('rejects %j, which watches nothing', (input) => {
    const faults = getFaults(checkRuleDefinition({ ...NOTHING, ...input }));
    expect(faults).toMatchObject([{ path: [], code: 'NO_HOURS_NO_TIMER' }]);
  });

  it('rejects both forms of hours at each field that is given', () => {
    const windows = [{ opensAt: '08:00', closesAt: '18:00' }];
    const both = checkRuleDefinition({ ...NOTHING, windows, opensAt: '08:00', days: [] });
    expect(getFaults(both).map(({ code, path }) => [code, ...path])).toEqual([
      ['INVALID', 'windows'],
      ['INVALID', 'opensAt'],
      ['INVALID', 'days'],
    ]);
  });

  it('takes the short form beside windows that are null', () => {
    expect(checkRuleDefinition({ ...INPUT, windows: null })).toEqual({ value: DEFINITION });
  });
});

describe('checkRuleDefinition of windows', () => {
  const check = (windows: RuleDefinitionInput['windows']) =>
    checkRuleDefinition({ ...INPUT, ...SHORT, windows });

  it('normalizes each window', () => {
    const windows = [
      { opensAt: '09:00:00', closesAt: '13:00', openBy: '09:30:00' },
      { days: ['SUNDAY', 'MONDAY'] as const, opensAt: '16:00', closesAt: '20:00', openBy: null },
      { days: null, opensAt: '22:00', closesAt: '02:00', openBy: '01:00' },
    ];
    expect(check(windows)).toEqual({
      value: {
        ...DEFINITION,
        windows: [
          { days: [...WEEKDAYS], opensAt: '09:00', closesAt: '13:00', openBy: '09:30' },
          { days: ['MONDAY', 'SUNDAY'], opensAt: '16:00', closesAt: '20:00', openBy: null },
          { days: [...WEEKDAYS], opensAt: '22:00', closesAt: '02:00', openBy: '01:00' },
        ],
      },
    });
  });

  it.each([
    ['08:00', '18:00', '08:00'],
    ['08:00', '18:00', '18:00'],
    ['22:00', '06:00', '06:00'],
    ['22:00', '06:00', '23:00'],
    ['08:00', '08:00', '07:59:59'],
    ['08:00', '08:00', '08:00'],
  ])('accepts openBy in the window %s-%s: %s', (opensAt, closesAt, openBy) => {
    expect(check([{ opensAt, closesAt, openBy }])).toHaveProperty('value');
  });

  it.each([
    ['08:00', '18:00', '07:59'],
    ['08:00', '18:00', '18:00:01'],
    ['22:00', '06:00', '06:01'],
    ['22:00', '06:00', '21:59'],
  ])('rejects openBy outside of the window %s-%s: %s', (opensAt, closesAt, openBy) => {
    const message = `openBy must be from opensAt (${opensAt}) to closesAt (${closesAt}), both included.`;
    expect(check([{ opensAt, closesAt, openBy }])).toEqual({
      faults: [{ path: ['windows', 0, 'openBy'], code: 'OUT_OF_RANGE', message }],
    });
  });

  it('reports faults with their path', () => {
    const faults = getFaults(
      check([
        { opensAt: '08:00', closesAt: '18:00' },
        { opensAt: '8', closesAt: '24:00', openBy: 'x', days: ['MONDAY', 'MONDAY'] },
      ]),
    );
    expect(faults.map(({ code, path }) => [code, ...path])).toEqual([
      ['REPEATED', 'windows', 1, 'days', 1],
      ['INVALID', 'windows', 1, 'opensAt'],
      ['INVALID', 'windows', 1, 'closesAt'],
      ['INVALID', 'windows', 1, 'openBy'],
    ]);
  });

  it.each(['windows', 'activeWindows'] as const)('rejects more than 50 %s, before it checks any', (field) => {
    const window = { opensAt: '08:00', closesAt: '18:00' };
    const withLength = (length: number, one: typeof window) =>
      checkRuleDefinition({ ...INPUT, ...SHORT, [field]: Array.from({ length }, () => one) });
    expect(withLength(50, window)).toHaveProperty('value');
    const message = `${field} must have at most 50 items; it has 51.`;
    expect(withLength(51, { ...window, opensAt: 'x' })).toEqual({
      faults: [{ path: [field], code: 'OUT_OF_RANGE', message }],
    });
  });

  it('reports faults of active windows with their path', () => {
    const activeWindows = [{ opensAt: '22:00', closesAt: '6', days: ['FRIDAY', 'FRIDAY'] as const }];
    const faults = getFaults(checkRuleDefinition({ ...INPUT, activeWindows }));
    expect(faults.map(({ code, path }) => [code, ...path])).toEqual([
      ['REPEATED', 'activeWindows', 0, 'days', 1],
      ['INVALID', 'activeWindows', 0, 'closesAt'],
    ]);
  });
});

describe('checkRuleConditions', () => {
  it('returns the conditions only', () => {
    const conditions = pickFields(ruleConditionsSchema, DEFINITION);
    expect(checkRuleConditions(conditions)).toEqual({ value: conditions });
  });

  it('reports faults of fields and of their combination', () => {
    const faults = getFaults(checkRuleConditions({ opensAt: 'x', timeZone: 'UTC', graceSeconds: -1 }));
    expect(faults.map(({ code, path }) => [code, ...path])).toEqual([
      ['INVALID', 'opensAt'],
      ['HALF_HOURS', 'closesAt'],
      ['OUT_OF_RANGE', 'graceSeconds'],
    ]);
  });
});

describe('checkRuleChanges', () => {
  const [WINDOW] = DEFINITION.windows ?? [];
  const MORNING = { days: [...WEEKDAYS], opensAt: '09:00', closesAt: '13:00', openBy: '09:30' };
  const EVENING = { days: [...WEEKDAYS], opensAt: '16:00', closesAt: '20:00', openBy: null };

  it.each<[RuleDefinitionChanges, Partial<RuleDefinition>]>([
    [{}, {}],
    [{ name: ' Other ' }, { name: 'Other' }],
    [{ name: undefined }, {}],
    [{ maxOpenSeconds: null }, { maxOpenSeconds: null }],
    [{ enabled: true }, { enabled: true }],
    [{ graceSeconds: 60 }, { graceSeconds: 60 }],
    [{ onTamper: true }, { onTamper: true }],
    [{ onTamper: null }, {}],
    [{ activeWindows: [] }, { activeWindows: [] }],
    [{ calendarId: 'a' }, { calendarId: 'a' }],
    [{ windows: null }, { windows: null }],
    [{ windows: [] }, { windows: [] }],
    [{ windows: [MORNING, EVENING] }, { windows: [MORNING, EVENING] }],
    [{ windows: [MORNING], opensAt: null, closesAt: null, days: null }, { windows: [MORNING] }],
  ])('applies %j', (changes, changed) => {
    expect(checkRuleChanges(DEFINITION, changes)).toEqual({ value: { ...DEFINITION, ...changed } });
  });

  it.each<[string, RuleDefinition['windows'], RuleDefinitionChanges, RuleDefinition['windows']]>([
    ['one window: days', [EVENING], { days: ['MONDAY'] }, [{ ...EVENING, days: ['MONDAY'] }]],
    ['one window: null as days', [{ ...EVENING, days: [] }], { days: null }, [EVENING]],
    ['one window: a time', [EVENING], { opensAt: '15:00' }, [{ ...EVENING, opensAt: '15:00' }]],
    ['one window: no hours', [EVENING], { opensAt: null, closesAt: null }, null],
    ['one window, unchanged: openBy stays', [MORNING], { opensAt: '09:00:00', closesAt: '13:00' }, [MORNING]],
    [
      'one window, changed: openBy goes',
      [MORNING],
      { closesAt: '14:00' },
      [{ ...MORNING, closesAt: '14:00', openBy: null }],
    ],
    ['no hours: one window', null, { opensAt: '16:00', closesAt: '20:00' }, [EVENING]],
    ['no hours: days have no meaning', null, { days: ['MONDAY'] }, null],
    ['several windows: one', [MORNING, EVENING], { opensAt: '16:00', closesAt: '20:00' }, [EVENING]],
    ['several windows: no hours', [MORNING, EVENING], { opensAt: null, closesAt: null }, null],
    ['an empty list: one window', [], { opensAt: '16:00', closesAt: '20:00' }, [EVENING]],
    [
      'a short form beside null',
      [MORNING],
      { windows: null, opensAt: '16:00', closesAt: '20:00', days: null },
      [EVENING],
    ],
  ])('takes the short form of %s', (_, windows, changes, expected) => {
    const present = { ...DEFINITION, windows };
    expect(checkRuleChanges(present, changes)).toEqual({ value: { ...present, windows: expected } });
  });

  it('does not check a field that does not change', () => {
    const windows = [{ days: [], opensAt: 'x', closesAt: 'y', openBy: 'z' }];
    const stored = { ...DEFINITION, name: 'x'.repeat(500), windows };
    expect(checkRuleChanges(stored, { enabled: true })).toEqual({ value: { ...stored, enabled: true } });
  });

  it.each<[RuleDefinition['windows'], RuleDefinitionChanges, (string | number)[]]>([
    [[], { name: null }, ['NULL', 'name']],
    [WINDOW ? [WINDOW] : [], { opensAt: null }, ['HALF_HOURS', 'opensAt']],
    [WINDOW ? [WINDOW] : [], { closesAt: null }, ['HALF_HOURS', 'closesAt']],
    [null, { opensAt: '08:00' }, ['HALF_HOURS', 'closesAt']],
    [[MORNING, EVENING], { opensAt: '08:00' }, ['HALF_HOURS', 'closesAt']],
    [[MORNING, EVENING], { closesAt: '08:00', days: [] }, ['HALF_HOURS', 'opensAt']],
    [[MORNING, EVENING], { days: ['MONDAY'] }, ['INVALID', 'days']],
    [[], { days: ['MONDAY'] }, ['INVALID', 'days']],
    [[], { windows: null, maxOpenSeconds: null }, ['NO_HOURS_NO_TIMER']],
    [[MORNING], { opensAt: null, closesAt: null, maxOpenSeconds: null }, ['NO_HOURS_NO_TIMER']],
    [null, { maxOpenSeconds: null }, ['NO_HOURS_NO_TIMER']],
  ])('of a rule with the windows %j rejects %j', (windows, changes, fault) => {
    const faults = getFaults(checkRuleChanges({ ...DEFINITION, windows }, changes));
    expect(faults.map(({ code, path }) => [code, ...path])).toEqual([fault]);
  });
});
