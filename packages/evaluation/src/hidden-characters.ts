/** A character of a text that nobody can see. */
export interface HiddenCharacter {
  /** Such as `U+200B`. */
  readonly codePoint: string;
  /** Counted in characters, from 1. */
  readonly position: number;
}

/**
 * Characters that show nothing: those that Unicode lets programs ignore in display (zero-width characters, fillers, selectors,
 * tags), format characters such as those that change the direction of writing, separators of lines and paragraphs, and a blank
 * that is no space. The signs of numbers and abbreviations in {@link VISIBLE_FORMAT_CHARACTERS} are visible.
 */
const HIDDEN_CHARACTERS = '[\\p{Default_Ignorable_Code_Point}\\p{Cf}\\p{Zl}\\p{Zp}\\u2800]';
const VISIBLE_FORMAT_CHARACTERS = '[\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}]';

/** Letters of the Arabic script that join the next letter, by the property Joining_Type of Unicode. */
const ARABIC_DUAL_JOINING =
  '\\u0620\\u0626\\u0628\\u062A-\\u062E\\u0633-\\u063F\\u0641-\\u0647\\u0649\\u064A\\u066E\\u066F\\u0678-\\u0687\\u069A-\\u06BF' +
  '\\u06C1\\u06C2\\u06CC\\u06CE\\u06D0\\u06D1\\u06FA-\\u06FC\\u06FF\\u074E-\\u0758\\u075C-\\u076A\\u076D-\\u0770\\u0772' +
  '\\u0775-\\u0777\\u077A-\\u077F\\u0886\\u0889-\\u088D\\u08A0-\\u08A9\\u08AF\\u08B0\\u08B3-\\u08B8\\u08BA-\\u08C8';
/** Letters of the Arabic script that join only the letter before them. */
const ARABIC_RIGHT_JOINING =
  '\\u0622-\\u0625\\u0627\\u0629\\u062F-\\u0632\\u0648\\u0671-\\u0673\\u0675-\\u0677\\u0688-\\u0699\\u06C0\\u06C3-\\u06CB\\u06CD' +
  '\\u06CF\\u06D2\\u06D3\\u06D5\\u06EE\\u06EF\\u0759-\\u075B\\u076B\\u076C\\u0771\\u0773\\u0774\\u0778\\u0779\\u0870-\\u0882' +
  '\\u088E\\u08AA-\\u08AC\\u08AE\\u08B1\\u08B2\\u08B9';
/** The viramas of Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam and Sinhala. */
const INDIC_VIRAMAS = '[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA]';
const AFTER_INDIC_VIRAMA = `(?<=\\p{L}\\p{M}*${INDIC_VIRAMAS})`;

/**
 * Sequences in which hidden characters have an effect that a reader sees. Each one stands for itself and may be longer than one
 * character, so the first that matches is taken.
 */
const LEGAL_SEQUENCES = [
  // Emoji that Unicode recommends for interchange, with their joiners, selectors and tags: 👩‍🚒, 1️⃣, 🏴󠁧󠁢󠁥󠁮󠁧󠁿.
  '\\p{RGI_Emoji}',
  // A selector of text or emoji style (https://www.unicode.org/reports/tr51/#Emoji_Variation_Sequences). Some keyboards write
  // it after ⚡, too, but not after characters beyond U+FFFF that are emoji anyway, nor after digits.
  '(?<=[\\p{Emoji}--[#*0-9]--[\\p{Emoji_Presentation}&&[\\u{10000}-\\u{10FFFF}]]])[\\uFE0E\\uFE0F]',
  // A variant of a Han character (https://www.unicode.org/reports/tr37/).
  '(?<=\\p{Unified_Ideograph})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
  // A variant of a Mongolian letter, and the dotted forms of Myanmar.
  '(?<=[\\p{Script=Mongolian}&&\\p{L}])[\\u180B-\\u180D\\u180F]',
  '(?<=[\\p{Script=Myanmar}&&\\p{L}])\\uFE00',
  // ZWNJ where letters would join otherwise: https://www.rfc-editor.org/rfc/rfc5892#appendix-A.1.
  `(?<=[${ARABIC_DUAL_JOINING}]\\p{M}*)\\u200C(?=[${ARABIC_DUAL_JOINING}${ARABIC_RIGHT_JOINING}])`,
  `${AFTER_INDIC_VIRAMA}\\u200C(?=\\p{L})`,
  // ZWJ after a virama, without a vowel sign: https://www.unicode.org/reports/tr31/#Layout_and_Format_Control_Characters.
  `${AFTER_INDIC_VIRAMA}\\u200D(?!\\p{M})`,
  // ZWJ before a virama: ra with ya-phalaa in Bengali and Assamese, ra in Kannada, touching letters in Sinhala.
  '(?<=[\\u09B0\\u09F0])\\u200D(?=\\u09CD\\u09AF)',
  '(?<=\\u0CB0)\\u200D(?=\\u0CCD)',
  '(?<=[\\u0D9A-\\u0DC6])\\u200D(?=\\u0DCA)',
];

// TypeScript knows literals with the flag v from ES2024 on.
const HIDDEN = new RegExp(`(?!${VISIBLE_FORMAT_CHARACTERS})${HIDDEN_CHARACTERS}`, 'v');
const LEGAL_OR_HIDDEN = new RegExp(`${LEGAL_SEQUENCES.join('|')}|(?<hidden>${HIDDEN.source})`, 'gv');

/**
 * Finds a character that shows nothing and is no part of an emoji or of a word that needs it: texts that differ only by it look
 * alike. https://www.unicode.org/reports/tr36/#visual_spoofing
 * @returns the first one; undefined if there is none
 */
export function findHiddenCharacter(text: string): HiddenCharacter | undefined {
  if (!HIDDEN.test(text)) return undefined;
  for (const { groups, index } of text.matchAll(LEGAL_OR_HIDDEN)) {
    const point = groups?.['hidden']?.codePointAt(0);
    if (point === undefined) continue;
    return {
      codePoint: `U+${point.toString(16).toUpperCase().padStart(4, '0')}`,
      position: Array.from(text.slice(0, index)).length + 1,
    };
  }
  return undefined;
}

/** Removes the characters that {@link findHiddenCharacter} finds: from a text of another program, whose user cannot see them either. */
export function removeHiddenCharacters(text: string): string {
  let visible = text;
  // Without one of them, another may stand where it has no effect.
  while (findHiddenCharacter(visible))
    visible = visible.replace(LEGAL_OR_HIDDEN, (found: string, hidden: string | undefined) =>
      hidden === undefined ? found : '',
    );
  return visible;
}
