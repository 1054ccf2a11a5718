import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SEVERITIES, WEEKDAYS } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { checkText } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCsv } from '../../csv/csv-file.js';
import { formatRuleCell, getRuleValues, RULE_COLUMN_NAMES } from '../../csv/rule-columns.js';
import type { RuleColumnsFragment } from '../../graphql/generated.js';
import { parseRulesCsv, type RuleRow } from './parse-rules-csv.js';
import { findRuleDifferences } from './rule-differences.js';

/** A rule with the names that the server stores for these. */
function createStoredRule(name: string, opening: string): RuleColumnsFragment {
  const store = (field: string, raw: string) => {
    const checked = checkText(field, raw, 80);
    return 'value' in checked ? checked.value : field;
  };
  const { userId, ...state } = createRuleState({
    name: store('name', name),
    opening: store('opening', opening),
  });
  return { ...state, calendar: null, user: { id: userId } };
}

async function exportRules(rules: readonly RuleColumnsFragment[]): Promise<string> {
  const rows = rules.map((rule) => {
    const values = getRuleValues(rule);
    return Object.fromEntries(RULE_COLUMN_NAMES.map((column) => [column, formatRuleCell(column, values)]));
  });
  const stream = new PassThrough();
  const output = buffer(stream);
  await writeCsv(Readable.from(rows), RULE_COLUMN_NAMES, stream, { bom: true });
  stream.end();
  return (await output).toString();
}

/** What programs do to a file between export and import. */
const CONVERSIONS: Readonly<Record<string, (text: string) => Buffer>> = {
  'as it is': (text) => Buffer.from(text),
  'in NFD': (text) => Buffer.from(text.normalize('NFD')),
  'in UTF-16': (text) => Buffer.from(text, 'utf16le'),
  'with other line ends and no byte order mark': (text) =>
    Buffer.from(text.replaceAll('\r\n', '\n').replace('\uFEFF', '')),
};

async function expectNoChange(rules: readonly RuleColumnsFragment[]) {
  const text = await exportRules(rules);
  for (const [conversion, convert] of Object.entries(CONVERSIONS)) {
    const rows = parseRulesCsv(convert(text), {});
    expect(rows, conversion).toHaveLength(rules.length);
    for (const [index, rule] of rules.entries()) {
      const { input, calendar, faults } = rows[index]!;
      expect({ conversion, faults, differences: findRuleDifferences({ ...input, calendar }, rule) }).toEqual({
        conversion,
        faults: [],
        differences: [],
      });
    }
  }
}

test.each([
  '-20 °C Túnel 1',
  '=1+1',
  "'=1+1",
  "'Door",
  "''",
  '@home',
  '＋1',
  '≠ 0',
  "'≠ 0",
  '"Main", door; \\ gate',
  'sep=;',
  '#1',
  '\u00A0Door\u3000 1\u2003',
  'Cafe\u0301',
  '8:00',
  'TRUE',
])('a rule and an opening with the name %j are imported as they were exported', async (name) => {
  await expectNoChange([createStoredRule(name, 'Door'), createStoredRule('Rule', name)]);
});

test('rules with any names are imported as they were exported', async () => {
  const name = fc.string({
    maxLength: 12,
    unit: fc.oneof(
      fc.constantFrom(...Array.from('=+-@\'",;|\\ \u00A0\u3000\u2003°≠＝＋－＠\u0301\u0338')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 5 }), async (names) => {
      await expectNoChange(names.map(([rule, opening]) => createStoredRule(rule, opening)));
    }),
  );
});

/** CSV files and spreadsheets treat some of these differently. */
const SPECIAL_CHARACTERS = Array.from('\'"=+-@,;|a1 \u00b0\u00fa\uFF1D');

/** A text as the server stores it. */
const storedText = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...SPECIAL_CHARACTERS), minLength: 1, maxLength: 8 }),
  )
  .map((text) => text.trim().normalize('NFC'))
  .filter((text) => text !== '' && !/[\p{Cc}\p{Cs}]/u.test(text));

const storedTime = fc
  .tuple(fc.nat(23), fc.nat(59), fc.constantFrom(0, 0, 30))
  .map(([hour, minute, second]) =>
    (second === 0 ? [hour, minute] : [hour, minute, second])
      .map((part) => String(part).padStart(2, '0'))
      .join(':'),
  );
const times = { opensAt: storedTime, closesAt: storedTime };
const days = fc.subarray([...WEEKDAYS]);
const upTo = (max: number) => fc.integer({ min: 1, max });

const storedRule: fc.Arbitrary<RuleColumnsFragment> = fc.record({
  id: fc.uuid(),
  // The id of a user is not normalized.
  user: fc.record({ id: fc.stringMatching(/^[!-~]{1,8}$/) }),
  name: storedText,
  opening: storedText,
  windows: fc.option(
    fc.array(fc.record({ days, ...times, openBy: fc.option(storedTime) }), { maxLength: 3 }),
  ),
  calendar: fc.option(fc.record({ id: fc.uuid(), name: storedText })),
  graceSeconds: fc.nat(3_600),
  maxOpenSeconds: fc.option(upTo(604_800)),
  activeWindows: fc.option(fc.array(fc.record({ days, ...times }), { maxLength: 3 })),
  silentAfterSeconds: fc.option(upTo(2_592_000)),
  onTamper: fc.boolean(),
  onBatteryLow: fc.boolean(),
  timeZone: fc.constantFrom('America/Bogota', 'Europe/Madrid'),
  severity: fc.constantFrom(...SEVERITIES),
  effectiveFrom: fc
    .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  enabled: fc.boolean(),
});

/** The rule that the server would create from a row. */
function createFromRow({ input, calendar }: RuleRow) {
  const { opensAt = null, closesAt, days: rowDays, windows, userId, ...others } = input;
  const shortForm = opensAt === null ? null : [{ days: rowDays, opensAt, closesAt, openBy: null }];
  return { ...others, windows: windows === undefined ? shortForm : windows, user: { id: userId }, calendar };
}

test('export then import creates the same rule and finds no difference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(storedRule, { minLength: 1, maxLength: 3 }), async (rules) => {
      await expectNoChange(rules);
      const rows = parseRulesCsv(Buffer.from(await exportRules(rules)), {});
      expect(rows.map(createFromRow)).toEqual(
        rules.map(({ calendar, ...rule }) => ({ ...rule, id: undefined, calendar: calendar?.name ?? null })),
      );
    }),
    { numRuns: 200 },
  );
});

test('a rule with at most one window without openBy is exported in opensAt, closesAt and days', async () => {
  const [rule] = fc.sample(storedRule, { numRuns: 1, seed: 1 }) as [RuleColumnsFragment];
  const window = { days: ['MONDAY'], opensAt: '09:00', closesAt: '13:00', openBy: null } as const;
  const list = [null, [], [window], [window, window], [{ ...window, openBy: '09:30' }]];
  const text = await exportRules(list.map((windows) => ({ ...rule, windows })));
  const rows = parseRulesCsv(Buffer.from(text), {});
  expect(rows.map(({ input }) => 'opensAt' in input)).toEqual([true, false, true, false, false]);
});
