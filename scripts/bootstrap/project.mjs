import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project's folder, whatever the current folder is. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** Reads a JSON file. @param {string} path in the project's folder @returns {unknown} */
export const readProjectJson = (path) => JSON.parse(readFileSync(join(PROJECT_FOLDER, path), 'utf8'));

/** An expected error, of which a user sees the message only. apps/cli recognizes it by its name. */
export class UserFacingError extends Error {
  /** @override */
  name = 'UserFacingError';
}

/** Adds the variables of the file `.env` that are not in the environment. @throws {UserFacingError} */
export function loadEnvFile() {
  const file = join(PROJECT_FOLDER, '.env');
  try {
    if (existsSync(file)) process.loadEnvFile(file);
  } catch (error) {
    throw new UserFacingError(`The file .env cannot be read (${String(error)}): correct or remove it.`);
  }
}
