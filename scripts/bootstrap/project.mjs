// The scripts load this file first. It must load on any Node, before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project's folder, whatever the current folder is. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** An expected error. Its message is printed without a stack trace: what is wrong, then what to do. */
export class UserFacingError extends Error {}

/** Reads a file in the project's folder. @param {string} path @param {string} missing the text if there is no file */
export function readProjectFile(path, missing = '') {
  const file = join(PROJECT_FOLDER, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : missing;
}

/** Reads a JSON file in the same way. @param {string} path @param {string} [missing] @returns {unknown} */
export const readProjectJson = (path, missing) => JSON.parse(readProjectFile(path, missing));

/** @param {string} version of Node @throws {UserFacingError} if package.json demands a newer one */
export function checkNodeVersion(version) {
  const [, required = ''] = /"node": ">=([\d.]+)"/.exec(readProjectFile('package.json')) ?? [];
  const problem = `Node ${version} is too old: install Node ${required} or newer from https://nodejs.org.`;
  if (version.localeCompare(required, 'en', { numeric: true }) < 0) throw new UserFacingError(problem);
}

/** Runs a script, and prints an expected error as its message. @param {() => Promise<unknown>} main */
export async function runScript(main) {
  try {
    checkNodeVersion(process.versions.node);
    await main();
  } catch (error) {
    console.error(error instanceof UserFacingError ? error.message : error);
    process.exitCode = 1;
  }
}
