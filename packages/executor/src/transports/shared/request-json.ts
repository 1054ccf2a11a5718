import { isAscii, transcode } from 'node:buffer';
import type { OperationLimits } from '../../operations/operation-limits.js';
import { createCodedError } from '../../shared/errors.js';
import { MAX_CLIENT_LARGE_INTEGERS, parseJson } from '../../shared/exact-json.js';
import { FREE_REQUEST_BYTES } from './client-request.js';

/*
 * To parse JSON can take a thousand times as long as to read its bytes: 2 MB of nested lists take 700 ms, 200,000 different names
 * 300 ms. The limits of an operation bound that, so they are checked on the bytes first.
 */

/** The limits of an operation that its JSON shows before it is parsed. */
export type RequestJsonLimits = Pick<
  OperationLimits,
  'maxDocumentBytes' | 'maxTextBytes' | 'maxVariableDepth' | 'maxVariableValues'
>;

/** Parses the JSON of a client's request. */
export type RequestJsonParser = (bytes: Buffer) => unknown;

/** Values of a request besides those of its variables. */
const MAX_OTHER_VALUES = 1_000;

/**
 * Creates a function that parses the JSON of clients' requests. Integers beyond 2^53 become a `bigint`. The function throws
 * - GraphQLError OPERATION_TOO_COMPLEX if the JSON has more values, levels or longer texts than any operation may have,
 * - TooManyLargeIntegersError,
 * - SyntaxError if the bytes are not JSON.
 *
 * Its bytes must be UTF-8.
 * @param depth number of objects around the parameters of a request: 1 if they are the root, 2 if they are in a message
 */
export function createRequestJsonParser(limits: RequestJsonLimits, depth: 1 | 2): RequestJsonParser {
  return (bytes) => {
    if (bytes.length <= FREE_REQUEST_BYTES) {
      return parseJson(bytes.toString('utf8'), MAX_CLIENT_LARGE_INTEGERS);
    }
    checkJsonSize(bytes, limits, depth);
    return parseJson(decodeUtf8(bytes), MAX_CLIENT_LARGE_INTEGERS);
  };
}

/** Decodes valid UTF-8. With large texts, `toString('utf8')` takes 20 times as long. */
const decodeUtf8 = (bytes: Buffer): string =>
  isAscii(bytes) ? bytes.toString('latin1') : transcode(bytes, 'utf8', 'utf16le').toString('utf16le');

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const LOWER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Digits of the escape sequence `\u0041`. */
const ESCAPE_DIGITS = 4;

/**
 * Checks the size of JSON without parsing it. The bytes need not be JSON: then a parser stops where they are not, and they are
 * counted up to there as in JSON.
 * @throws GraphQLError OPERATION_TOO_COMPLEX
 */
function checkJsonSize(
  bytes: Uint8Array,
  { maxDocumentBytes, maxTextBytes, maxVariableDepth, maxVariableValues }: RequestJsonLimits,
  parametersDepth: number,
): void {
  const maxValues = maxVariableValues + MAX_OTHER_VALUES;
  // The variables are in the parameters, and a value at the maximum depth can be an empty list.
  const maxDepth = parametersDepth + maxVariableDepth + 2;
  const maxParameterBytes = Math.max(maxDocumentBytes, maxTextBytes);
  let valueCount = 0;
  let depth = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    switch (bytes[index]) {
      case SPACE:
      case TAB:
      case NEWLINE:
      case RETURN:
      case COMMA:
        break;
      case COLON:
        // The text before it is a name.
        valueCount -= 1;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        valueCount += 1;
        depth += 1;
        if (depth > maxDepth) throw createSizeError(`nests more than ${maxDepth} lists and objects`);
        break;
      case QUOTE:
        valueCount += 1;
        index = findTextEnd(bytes, index, depth <= parametersDepth ? maxParameterBytes : maxTextBytes);
        break;
      default:
        valueCount += 1;
        while (isInWord(bytes[index + 1])) index += 1;
    }
    if (valueCount > maxValues) throw createSizeError(`has more than ${maxValues} values`);
  }
}

/**
 * @param start the opening quote
 * @returns the index of the closing quote, or the number of bytes
 * @throws GraphQLError OPERATION_TOO_COMPLEX if the text certainly has more bytes than `maxBytes` when it is parsed
 */
function findTextEnd(bytes: Uint8Array, start: number, maxBytes: number): number {
  // An escape sequence takes at least one byte when it is parsed.
  let length = 0;
  let index = start + 1;
  for (; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      index += 1;
      if (bytes[index] === LOWER_U) index += ESCAPE_DIGITS;
    }
    length += 1;
  }
  if (length > maxBytes) throw createSizeError(`has a text with more than ${maxBytes} bytes`);
  return index;
}

/** Whether a byte after one of a number, `true`, `false` or `null` belongs to it. */
const isInWord = (byte: number | undefined): boolean =>
  byte !== undefined &&
  byte !== COMMA &&
  byte !== CLOSE_LIST &&
  byte !== CLOSE_OBJECT &&
  byte > SPACE &&
  byte !== QUOTE &&
  byte !== COLON &&
  byte !== OPEN_LIST &&
  byte !== OPEN_OBJECT;

const createSizeError = (problem: string) =>
  createCodedError('OPERATION_TOO_COMPLEX', `The request ${problem}. Send a smaller one.`);

/** The members of a message before its payload. */
const MAX_HEAD_BYTES = 512;
const PAYLOAD_MEMBER = '"payload":';

/**
 * Reads the id of a WebSocket message whose payload is refused before it is parsed. Clients put `id` and `type` before it.
 * @returns undefined if the message starts no operation, or has its id elsewhere
 */
export function readSubscribeId(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, MAX_HEAD_BYTES);
  const end = head.indexOf(PAYLOAD_MEMBER);
  if (end < 0) return undefined;
  try {
    const { id, type } = JSON.parse(`${head.slice(0, end)}${PAYLOAD_MEMBER}null}`) as Record<string, unknown>;
    return type === 'subscribe' && typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
