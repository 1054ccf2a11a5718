import { expect, test } from 'vitest';
import { protectFormula, unprotectFormula } from './formula-protection.js';

const FORMULAS = ['=1+1', '+1', '-1', '@a', '\tx', '\rx', '\uFF1D1', "'=1", "''-"];
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
