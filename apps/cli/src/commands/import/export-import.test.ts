import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { checkText } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCsv } from '../../csv/csv-file.js';
import { formatRuleCell, RULE_COLUMN_NAMES } from '../../csv/rule-columns.js';
import type { RuleColumnsFragment } from '../../graphql/generated.js';
import { parseRulesCsv } from './parse-rules-csv.js';
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
  return { ...state, user: { id: userId } };
}

async function exportRules(rules: readonly RuleColumnsFragment[]): Promise<string> {
  const stream = new PassThrough();
  const output = buffer(stream);
  const rows = async function* () {
    for (const rule of rules) {
      yield await Promise.resolve(
        Object.fromEntries(RULE_COLUMN_NAMES.map((column) => [column, formatRuleCell(column, rule)])),
      );
    }
  };
  await writeCsv(rows(), RULE_COLUMN_NAMES, stream, { bom: true });
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
      const { input = {}, faults } = rows[index] ?? {};
      expect({ conversion, faults, differences: findRuleDifferences(input, rule) }).toEqual({
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
