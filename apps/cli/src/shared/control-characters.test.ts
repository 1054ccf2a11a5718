import { expect, test } from 'vitest';
import { escapeControlCharacters, escapeControlCharactersInLines } from './control-characters.js';

test.each([
  ['\u001B[2J', '\\u001b[2J'],
  ['\u009B31m', '\\u009b31m'],
  ['a\r\nb', 'a\\u000d\\u000ab'],
  ['\u0000\u007F', '\\u0000\\u007f'],
  ['\u202Eexe', '\\u202eexe'],
])('writes %j as %j', (text, expected) => {
  expect(escapeControlCharacters(text)).toBe(expected);
});

test('leaves other text and tabs unchanged', () => {
  const text = 'Puerta ñ 門 👩‍🔧\tx';
  expect(escapeControlCharacters(text)).toBe(text);
});

test('keeps the lines of a text', () => {
  expect(escapeControlCharactersInLines('a\n\u001Bb\n')).toBe('a\n\\u001bb\n');
});
