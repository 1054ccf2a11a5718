import { randomUUID } from 'node:crypto';

/*
 * JSON whose integers beyond 2^53 stay exact: they are parsed as `bigint` and written as they were. Only a text that contains
 * such an integer takes this way; all others are read and written by `JSON` alone.
 *
 * lossless-json does the same, but builds each string from single characters. A text of 1 MiB takes three times as long, and in
 * the meantime the event loop serves nobody. Here `JSON` reads the text, with the large integers marked.
 */

/** The shortest integer beyond 2^53 has sixteen digits. */
const MIN_DIGITS = 16;
const LONG_DIGITS = /\d{16}/;

/** Longer integers are read as a `number`, because converting them takes more time than their size suggests. */
const MAX_EXACT_LENGTH = 1_000;

/** Marks the text of an integer in a JSON string. It is unknown outside of the process, so that no client can send it. */
const MARK = `bigint ${randomUUID()} `;
const MARKED_INTEGERS = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/**
 * Parses JSON like `JSON.parse`. Integers beyond 2^53 become a `bigint`.
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string): unknown {
  return LONG_DIGITS.test(text) ? parseExactly(text) : JSON.parse(text);
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

function parseExactly(text: string): unknown {
  // An invalid text may become valid when it is marked.
  const parsed: unknown = JSON.parse(text);
  const marked = markLargeIntegers(text);
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

/**
 * Turns the large integers of valid JSON into marked strings.
 * @returns undefined if there are none
 */
function markLargeIntegers(text: string): string | undefined {
  const pieces: string[] = [];
  let copiedTo = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = findStringEnd(text, index);
    if (code !== MINUS && (code < DIGIT_0 || code > DIGIT_9)) continue;
    const end = findNumberEnd(text, index);
    const length = Math.abs(end) - index;
    if (end > 0 && length >= MIN_DIGITS && length <= MAX_EXACT_LENGTH) {
      const integer = text.slice(index, end);
      if (!Number.isSafeInteger(Number(integer))) {
        pieces.push(text.slice(copiedTo, index), `"${MARK}${integer}"`);
        copiedTo = end;
      }
    }
    index += length - 1;
  }
  if (pieces.length === 0) return undefined;
  pieces.push(text.slice(copiedTo));
  return pieces.join('');
}

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
    // After the end of the text, the code is NaN.
    else if (!((code >= DIGIT_0 && code <= DIGIT_9) || code === MINUS)) return isInteger ? index : -index;
  }
}

/** Replaces the marked strings in a value by integers. It is not recursive, because JSON can be nested to any depth. */
function replaceMarks(root: unknown[]): void {
  const containers: object[] = [root];
  for (let container = containers.pop(); container; container = containers.pop()) {
    // Own keys only, and those of an array in the form of indexes.
    for (const key of Object.keys(container)) {
      const value = (container as Readonly<Record<string, unknown>>)[key];
      if (typeof value === 'object' && value !== null) containers.push(value);
      else if (typeof value === 'string' && value.startsWith(MARK)) {
        const integer = BigInt(value.slice(MARK.length));
        // An assignment to __proto__ would set the prototype.
        if (key === '__proto__') Object.defineProperty(container, key, { value: integer });
        else (container as Record<string, unknown>)[key] = integer;
      }
    }
  }
}
