import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protectFormula, unprotectFormula } from './formula-protection.js';

const FORMULAS = [
  '=1+1',
  '+1',
  '-1',
  '@a',
  '\tx',
  '\rx',
  '\uFF1D1',
  "'=1",
  "''-",
  '-20 °C Túnel 1',
  "'-20",
  '≠',
];
const TEXTS = ['', 'Door', "'", "'Door", "Ana's door", '1+1', ' =1'];

test.each(FORMULAS)('protects %j', (text) => {
  expect(protectFormula(text)).toBe(`'${text}`);
});

test.each(TEXTS)('leaves %j as it is', (text) => {
  expect(protectFormula(text)).toBe(text);
  expect(unprotectFormula(text)).toBe(text);
});

test.each([...FORMULAS, ...TEXTS])('a protected %j is read as it was', (text) => {
  expect(unprotectFormula(protectFormula(text))).toBe(text);
});

test('every text is read as it was, also if a program has converted its protected form', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom(...Array.from("=+-@'≠\u0338 °\uFF1D")), fc.string({ unit: 'binary' })),
  });
  fc.assert(
    fc.property(text, (raw) => {
      expect(unprotectFormula(protectFormula(raw))).toBe(raw);
      for (const [from, to] of [
        ['NFC', 'NFD'],
        ['NFD', 'NFC'],
      ] as const) {
        const converted = protectFormula(raw.normalize(from)).normalize(to);
        expect(unprotectFormula(converted)).toBe(raw.normalize(to));
      }
    }),
  );
});
