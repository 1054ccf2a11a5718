import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTextForSearch } from './text-normalization.js';

/** Texts of all kinds of characters, with ligatures and combining marks. */
const texts = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('ς', 'Σ', 'ẞ', 'İ', 'é', 'e\u0301', 'Ñ', 'ﬁ'),
  ),
});

describe('folding a text', () => {
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
  ])('folds %s to %s', (name, folded) => expect(foldTextForSearch(name)).toBe(folded));

  test('makes composed and decomposed letters equal', () =>
    expect(foldTextForSearch('Jard\u00edn')).toBe(foldTextForSearch('Jardi\u0301n')));

  test('folds a part of a text to a part of the folded whole', () => {
    fc.assert(
      fc.property(texts, texts, texts, (before, part, after) => {
        expect(foldTextForSearch(before + part + after)).toContain(foldTextForSearch(part));
      }),
    );
  });

  test('makes upper and lower case equal', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('abcxyzñéßσςΣÄöЁж 7-')) }), (name) => {
        expect(foldTextForSearch(name.toUpperCase())).toBe(foldTextForSearch(name));
        expect(foldTextForSearch(name.toLowerCase())).toBe(foldTextForSearch(name));
      }),
    );
  });

  test('does not change a folded text', () => {
    fc.assert(
      fc.property(texts, (name) => {
        expect(foldTextForSearch(foldTextForSearch(name))).toBe(foldTextForSearch(name));
      }),
    );
  });
});
