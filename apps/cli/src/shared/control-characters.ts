/** Control characters except tabs, and characters that reverse the direction of the text after them. */
const CONTROL_CHARACTER = /(?!\t)[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/**
 * Writes control characters as escapes such as `\u001b`. Text from services could otherwise contain commands for the
 * terminal: to move the cursor, to change the window's title, or to hide lines.
 */
export const escapeControlCharacters = (text: string): string =>
  text.replace(
    CONTROL_CHARACTER,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** As {@link escapeControlCharacters}, for text of several lines. */
export const escapeControlCharactersInLines = (text: string): string =>
  text.split('\n').map(escapeControlCharacters).join('\n');
