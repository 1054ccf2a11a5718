import { TextDecoder } from 'node:util';
import { UsageError } from '../cli/exit.mjs';

/** @param {Uint8Array} bytes of a file @throws {UsageError} where they are no UTF-8 */
export function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('The file is not in UTF-8: save it as such.');
  }
}
