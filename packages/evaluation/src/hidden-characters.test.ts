import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHiddenCharacter, removeHiddenCharacters } from './hidden-characters.js';

describe('findHiddenCharacter', () => {
  it.each([
    ['zero-width space', 'Do\u200Bor', 'U+200B', 3],
    ['zero-width non-joiner in a Latin word', 'Do\u200Cor', 'U+200C', 3],
    ['zero-width joiner in a Latin word', 'Do\u200Dor', 'U+200D', 3],
    ['left-to-right mark', 'Door\u200E 1', 'U+200E', 5],
    ['right-to-left mark', '\u05D3\u200F', 'U+200F', 2],
    ['right-to-left override', 'Door \u202E1 roirefxE', 'U+202E', 6],
    ['embedding', '\u202ADoor', 'U+202A', 1],
    ['isolate', 'Door\u2066 1\u2069', 'U+2066', 5],
    ['Arabic letter mark', 'Door\u061C', 'U+061C', 5],
    ['soft hyphen', 'Do\u00ADor', 'U+00AD', 3],
    ['grapheme joiner', 'Do\u034For', 'U+034F', 3],
    ['word joiner', 'Do\u2060or', 'U+2060', 3],
    ['byte order mark', 'Do\uFEFFor', 'U+FEFF', 3],
    ['invisible times', 'Do\u2062or', 'U+2062', 3],
    ['Hangul filler', 'Door\u3164', 'U+3164', 5],
    ['Hangul choseong filler', 'Door\u115F', 'U+115F', 5],
    ['Hangul jungseong filler', 'Door\u1160', 'U+1160', 5],
    ['halfwidth Hangul filler', 'Door\uFFA0', 'U+FFA0', 5],
    ['Mongolian vowel separator', 'Do\u180Eor', 'U+180E', 3],
    ['Khmer inherent vowel', '\u1780\u17B4', 'U+17B4', 2],
    ['blank of Braille', 'Door\u2800', 'U+2800', 5],
    ['line separator', 'Do\u2028or', 'U+2028', 3],
    ['paragraph separator', 'Do\u2029or', 'U+2029', 3],
    ['annotation', 'Do\uFFF9or', 'U+FFF9', 3],
    ['musical format', 'Do\u{1D173}or', 'U+1D173', 3],
    ['tag', 'Door\u{E0031}', 'U+E0031', 5],
    ['selector after a letter', 'Door\uFE0F', 'U+FE0F', 5],
    ['selector after a digit', 'Door 1\uFE0F', 'U+FE0F', 7],
    ['selector after an emoji that needs none', '🚪\uFE0F', 'U+FE0F', 2],
    ['second selector', '⚡\uFE0F\uFE0F', 'U+FE0F', 3],
    ['selector of a variant after a letter', 'Door\u{E0100}', 'U+E0100', 5],
    ['selector without a base', '\uFE0F1', 'U+FE0F', 1],
    ['joiner between emoji without a common form', '🚪\u200D🔑', 'U+200D', 2],
    ['joiner after an emoji', '👩\u200D', 'U+200D', 2],
    ['joiner after a joined emoji', '👩\u200D🚒\u200D', 'U+200D', 4],
    ['tags after another emoji', '🚩\u{E0067}\u{E0062}\u{E007F}', 'U+E0067', 2],
    ['tags of no region', '🏴\u{E0078}\u{E0078}\u{E007F}', 'U+E0078', 2],
    ['non-joiner after a letter that does not join the next', '\u0627\u200C\u062F', 'U+200C', 2],
    ['non-joiner at the end of an Arabic word', '\u0647\u200C', 'U+200C', 2],
    ['joiner in an Arabic word', '\u0647\u200D\u0645', 'U+200D', 2],
    ['non-joiner between Indic letters without a virama', '\u0915\u200C\u0937', 'U+200C', 2],
    ['non-joiner after a virama at the end', '\u0915\u094D\u200C', 'U+200C', 3],
    ['joiner before a vowel sign', '\u0915\u094D\u200D\u093E', 'U+200D', 3],
    ['second joiner after a virama', '\u0915\u094D\u200D\u200D\u0937', 'U+200D', 4],
    ['virama without a letter', '\u094D\u200D\u0937', 'U+200D', 2],
  ])('finds a %s', (_, text, codePoint, position) => {
    expect(findHiddenCharacter(text)).toEqual({ codePoint, position });
  });

  it.each([
    ['no hidden characters', '-20 °C Túnel 1, "Café" ½ 門 дверь \u05D3\u05DC\u05EA'],
    ['combining marks', 'e\u0301\u0323'],
    ['an emoji', '🚪 Door'],
    ['a joined emoji', 'Fire station 👩‍🚒, 🏳️‍🌈, 👨‍👩‍👧‍👦, ❤️‍🔥'],
    ['an emoji with a skin tone', '👍🏽 👩🏽‍🚒'],
    ['flags', '🇪🇸 🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'],
    ['a keycap', 'Door 1\uFE0F\u20E3'],
    ['a selector of emoji style', '☎\uFE0F ⚡\uFE0F 🅿\uFE0F'],
    ['a selector of text style', '☎\uFE0E ⚡\uFE0E'],
    ['a variant of a Han character', '\u845B\u{E0100}\u57CE \u8FBB\u{E0101}'],
    ['a variant of a Mongolian letter', '\u1820\u180B'],
    ['a dotted letter of Myanmar', '\u1000\uFE00'],
    [
      'Persian words with a non-joiner',
      '\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 \u062E\u0627\u0646\u0647\u200C\u0647\u0627',
    ],
    ['a non-joiner after a vowel mark', '\u0628\u0650\u200C\u0628'],
    ['the sign of a number in Arabic', '\u0600123'],
    ['Hindi with a non-joiner', '\u0915\u094D\u200C\u0937'],
    ['Hindi with a joiner', '\u0915\u094D\u200D\u0937'],
    ['Sinhala', '\u0DC1\u0DCA\u200D\u0DBB\u0DD3'],
    ['touching letters in Sinhala', '\u0DA7\u200D\u0DCA\u0DA7'],
    ['Malayalam with an old chillu', '\u0D05\u0D35\u0D28\u0D4D\u200D'],
    ['Bengali with ya-phalaa', '\u09B0\u200D\u09CD\u09AF\u09BE\u09AC'],
    ['Kannada with a full ra', '\u0CB0\u200D\u0CCD\u0C95'],
  ])('finds nothing in a text with %s', (_, text) => {
    expect(findHiddenCharacter(text)).toBeUndefined();
    expect(findHiddenCharacter(text.normalize('NFD').normalize('NFC'))).toBeUndefined();
  });

  const VISIBLE_FORMAT = /[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]/u;

  it('finds every ignorable or format character of Unicode between letters', () => {
    const hidden = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u;
    const notFound: string[] = [];
    for (let point = 0; point <= 0x10_ffff; point++) {
      const character = String.fromCodePoint(point);
      const isFound = findHiddenCharacter(`a${character}b`)?.position === 2;
      if (isFound !== (hidden.test(character) && !VISIBLE_FORMAT.test(character))) {
        notFound.push(point.toString(16));
      }
    }
    // These are neither.
    expect(notFound).toEqual(['2028', '2029', '2800']);
  });

  it('finds a hidden character at any place of any text', () => {
    const always = fc.constantFrom('\u200B', '\u202E', '\u2067', '\u00AD', '\u2060', '\u3164', '\u034F');
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(text, always, text, (before, character, after) => {
        fc.pre(findHiddenCharacter(before) === undefined);
        expect(findHiddenCharacter(before + character + after)).toEqual({
          codePoint: `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
          position: Array.from(before).length + 1,
        });
      }),
    );
  });

  it('finds nothing in a text without ignorable and format characters', () => {
    const isPlain = (text: string) =>
      !/[\p{Default_Ignorable_Code_Point}\p{C}\p{Zl}\p{Zp}\u2800]/u.test(text);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }).filter(isPlain), (text) => {
        expect(findHiddenCharacter(text)).toBeUndefined();
      }),
    );
  });
});

describe('removeHiddenCharacters', () => {
  it('keeps emoji and words that need them', () => {
    expect(removeHiddenCharacters('\uFEFFOster\u00ADmontag \u{1F469}\u200D\u{1F692}\u202C')).toBe(
      'Ostermontag \u{1F469}\u200D\u{1F692}',
    );
  });

  it('leaves none', () => {
    const hidden = fc.constantFrom('\u200B', '\u200C', '\u200D', '\u202E', '\u00AD', '\uFE0F', '\u{E0067}');
    const visible = fc.constantFrom('a', ' ', '\u0915', '\u094D', '\u0628', '\u{1F469}', '\u{1F692}', '1');
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(hidden, visible), maxLength: 12 }), (text) => {
        expect(findHiddenCharacter(removeHiddenCharacters(text))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});
