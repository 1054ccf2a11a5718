import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SEVERITIES, WEEKDAYS } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCsv } from '../../csv/csv-file.js';
import { formatRuleCell, getRuleValues, RULE_COLUMN_NAMES } from '../../csv/rule-columns.js';
import type { RuleColumnsFragment } from '../../graphql/generated.js';
import { parseRulesCsv, type RuleRow } from '../import/parse-rules-csv.js';
import { findRuleDifferences } from '../import/rule-differences.js';

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
  user: fc.record({ id: storedText }),
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

async function exportAndParse(rules: readonly RuleColumnsFragment[]): Promise<readonly RuleRow[]> {
  const rows = rules.map((rule) => {
    const values = getRuleValues(rule);
    return Object.fromEntries(RULE_COLUMN_NAMES.map((name) => [name, formatRuleCell(name, values)]));
  });
  const output = new PassThrough();
  const written = buffer(output);
  await writeCsv(Readable.from(rows), RULE_COLUMN_NAMES, output, { bom: true });
  output.end();
  return parseRulesCsv(await written, {});
}

const getRowValues = (row: RuleRow | undefined) => ({ ...row?.input, calendar: row?.calendar });

/** The rule that the server would create from a row. */
function createFromRow({ input, calendar }: RuleRow) {
  const { opensAt = null, closesAt, days: rowDays, windows, userId, ...others } = input;
  const shortForm = opensAt === null ? null : [{ days: rowDays, opensAt, closesAt, openBy: null }];
  return { ...others, windows: windows === undefined ? shortForm : windows, user: { id: userId }, calendar };
}

test('export then import creates the same rule and finds no difference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(storedRule, { minLength: 1, maxLength: 3 }), async (rules) => {
      const rows = await exportAndParse(rules);
      expect(rows.flatMap(({ faults }) => faults)).toEqual([]);
      expect(rows.map(createFromRow)).toEqual(
        rules.map(({ calendar, ...rule }) => ({ ...rule, id: undefined, calendar: calendar?.name ?? null })),
      );
      const differences = rules.flatMap((rule, index) =>
        findRuleDifferences(getRowValues(rows[index]), rule),
      );
      expect(differences).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('a rule with at most one window without openBy is exported in opensAt, closesAt and days', async () => {
  const [rule] = fc.sample(storedRule, { numRuns: 1, seed: 1 }) as [RuleColumnsFragment];
  const window = { days: ['MONDAY'], opensAt: '09:00', closesAt: '13:00', openBy: null } as const;
  const list = [null, [], [window], [window, window], [{ ...window, openBy: '09:30' }]];
  const rows = await exportAndParse(list.map((windows) => ({ ...rule, windows })));
  expect(rows.map(({ input }) => 'opensAt' in input)).toEqual([true, false, true, false, false]);
});
