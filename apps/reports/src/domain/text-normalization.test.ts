import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from './text-normalization.js';

/** Whole characters of every kind, those that are written together too. */
const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('ς', 'Σ', 'ẞ', 'İ', 'é', 'e\u0301', 'Ñ', 'ﬁ'),
  ),
});

describe('searching in names', () => {
  test.each([
    ['Puerta Jardín', 'puerta jardin'],
    ['NIÑO', 'nino'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['İzmir', 'izmir'],
    ['Façade', 'facade'],
    ['Кухня Ёлка', 'кухня елка'],
    ['100% _x_', '100% _x_'],
  ])('%s is searched as %s', (name, folded) => expect(foldText(name)).toBe(folded));

  test('composed and decomposed letters are the same', () =>
    expect(foldText('Jard\u00edn')).toBe(foldText('Jardi\u0301n')));

  test('a part of a text is found in the whole', () => {
    fc.assert(
      fc.property(text, text, text, (before, part, after) => {
        expect(foldText(before + part + after)).toContain(foldText(part));
      }),
    );
  });

  test('upper and lower case are found alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('abcxyzñéßσςΣÄöЁж 7-')) }), (name) => {
        expect(foldText(name.toUpperCase())).toBe(foldText(name));
        expect(foldText(name.toLowerCase())).toBe(foldText(name));
      }),
    );
  });

  test('what is folded stays as it is', () => {
    fc.assert(
      fc.property(text, (name) => {
        expect(foldText(foldText(name))).toBe(foldText(name));
      }),
    );
  });
});
