import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorMessage, StartError } from '../errors.js';

/** For the owner of the installation alone. */
const MODE = 0o600;

/**
 * The content of a file that is made once, by whichever process comes first, and never changed.
 * @param make what it holds, where there is none yet
 * @throws StartError where it can neither be read nor made
 */
export function readOrCreateSecret(file: string, make: () => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(file, error);
  }
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, make(), { mode: MODE, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (error) {
    // Another process was first: its content holds.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(file, error);
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}

const unusable = (file: string, error: unknown) =>
  new StartError(`The file ${file} cannot be used: ${errorMessage(error)}.`);
