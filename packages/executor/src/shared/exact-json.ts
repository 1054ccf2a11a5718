import { randomBytes } from 'node:crypto';
import type { JsonContainer } from './json.js';

/*
 * JSON whose integers beyond 2^53 stay exact: they are parsed as `bigint` and written as they were. Only a text that contains
 * such an integer takes this way; all others are read and written by `JSON` alone.
 *
 * lossless-json does the same, but builds each string from single characters. A text of 1 MiB takes nine times as
 * long as with `JSON.parse`, and in the meantime the event loop serves nobody. Here `JSON` reads the text, with the large integers marked.
 */

/** The shortest integer beyond 2^53 has sixteen digits. */
const MIN_DIGITS = 16;

/** Longer integers are read as a `number`, because converting them takes more time than their size suggests. */
export const MAX_EXACT_LENGTH = 1_000;

/** Marks the text of an integer in a JSON string. It is unknown outside of the process, so that no client can send it. */
const MARK = `${randomBytes(12).toString('base64url')} `;
const QUOTED_MARK = `"${MARK}`;
const MARKED_INTEGERS = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/** Large integers that a client may send in one request: each takes about 3 microseconds. */
export const MAX_CLIENT_LARGE_INTEGERS = 5_000;

/** Thrown if a text has more large integers than allowed. */
export class TooManyLargeIntegersError extends Error {
  override name = 'TooManyLargeIntegersError';
}

/**
 * Parses JSON like `JSON.parse`. Integers beyond 2^53 become a `bigint`.
 * @param maxLargeIntegers maximum number of such integers
 * @throws SyntaxError if the text is not JSON; TooManyLargeIntegersError
 */
export function parseJson(text: string, maxLargeIntegers = Infinity): unknown {
  return hasLongDigits(text) ? parseExactly(text, maxLargeIntegers) : JSON.parse(text);
}

/**
 * Writes JSON like `JSON.stringify`. A `bigint` becomes an integer.
 * @throws TypeError if the value has a circular reference
 */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // JSON.stringify throws for each bigint.
    return JSON.stringify(value, markBigInt).replace(MARKED_INTEGERS, '$1');
  }
}

const markBigInt = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${MARK}${value}` : value;

/** Reads every sixteenth character, one of which is in each sequence of sixteen digits. */
function hasLongDigits(text: string): boolean {
  for (let index = MIN_DIGITS - 1; index < text.length; index += MIN_DIGITS) {
    if (!isDigit(text.charCodeAt(index))) continue;
    let start = index;
    while (isDigit(text.charCodeAt(start - 1))) start -= 1;
    let end = index + 1;
    while (end - start < MIN_DIGITS && isDigit(text.charCodeAt(end))) end += 1;
    if (end - start >= MIN_DIGITS) return true;
  }
  return false;
}

function parseExactly(text: string, maxLargeIntegers: number): unknown {
  // An invalid text may become valid when it is marked.
  const parsed: unknown = JSON.parse(text);
  const marked = markLargeIntegers(text, maxLargeIntegers);
  if (marked === undefined) return parsed;
  const root: [unknown] = [JSON.parse(marked)];
  replaceMarks(root);
  return root[0];
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const UPPER_E = 0x45;
const BACKSLASH = 0x5c;
const LOWER_E = 0x65;

/** Outside of a text, a code is NaN, which is no digit. */
const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9;

/**
 * Turns the large integers of valid JSON into marked strings.
 * @returns undefined if there are none
 * @throws TooManyLargeIntegersError
 */
function markLargeIntegers(text: string, maxCount: number): string | undefined {
  const pieces: string[] = [];
  let copiedTo = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = findStringEnd(text, index);
    if (code !== MINUS && !isDigit(code)) continue;
    const end = findNumberEnd(text, index);
    const length = Math.abs(end) - index;
    if (end > 0 && length >= MIN_DIGITS && length <= MAX_EXACT_LENGTH) {
      const integer = text.slice(index, end);
      if (!Number.isSafeInteger(Number(integer))) {
        if (pieces.length === maxCount * PIECES_PER_INTEGER)
          throw new TooManyLargeIntegersError(`The text has more than ${maxCount} integers beyond 2^53.`);
        pieces.push(text.slice(copiedTo, index), QUOTED_MARK, integer, '"');
        copiedTo = end;
      }
    }
    index += length - 1;
  }
  if (pieces.length === 0) return undefined;
  pieces.push(text.slice(copiedTo));
  return pieces.join('');
}

/** The text before an integer, its mark, its digits and a quote. */
const PIECES_PER_INTEGER = 4;

/** @returns the index of the closing quote of the string that starts at `start` */
function findStringEnd(text: string, start: number): number {
  for (let index = start + 1; ; index++) {
    const code = text.charCodeAt(index);
    if (code === BACKSLASH) index += 1;
    else if (code === QUOTE) return index;
  }
}

/** @returns the index after the number that starts at `start`; negative if it is no integer */
function findNumberEnd(text: string, start: number): number {
  let isInteger = true;
  for (let index = start; ; index++) {
    const code = text.charCodeAt(index);
    if (code === POINT || code === LOWER_E || code === UPPER_E || code === PLUS) isInteger = false;
    else if (code !== MINUS && !isDigit(code)) return isInteger ? index : -index;
  }
}

/** Replaces the marked strings in a value by integers. It is not recursive, because JSON can be nested to any depth. */
function replaceMarks(root: unknown[]): void {
  const containers: JsonContainer[] = [root];
  /** @returns the integer of a marked string; undefined for any other value */
  const readValue = (value: unknown): bigint | undefined => {
    if (typeof value === 'string')
      return value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : undefined;
    if (typeof value === 'object' && value !== null) containers.push(value as JsonContainer);
    return undefined;
  };
  for (let container = containers.pop(); container; container = containers.pop()) {
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index++) {
        const integer = readValue(container[index]);
        if (integer !== undefined) container[index] = integer;
      }
      continue;
    }
    for (const key of Object.keys(container)) {
      const integer = readValue(container[key]);
      if (integer === undefined) continue;
      // An assignment to __proto__ would set the prototype.
      if (key === '__proto__') Object.defineProperty(container, key, { value: integer });
      else container[key] = integer;
    }
  }
}
