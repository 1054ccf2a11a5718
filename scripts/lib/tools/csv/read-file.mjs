import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../../failure.mjs';
import { UsageError } from '../cli/exit.mjs';

/**
 * @param {string} file its path, or `-` for standard input
 * @param {string} folder that a relative path is meant from
 * @returns {Promise<Uint8Array>}
 * @throws {UsageError} where it cannot be read
 */
export async function readInput(file, folder) {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(resolve(folder, file)));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}.`);
  }
}
