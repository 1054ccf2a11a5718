// The scripts load this file first. It must load on any Node, before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project's folder, whatever the current folder is. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** Reads a JSON file. @template T @param {string} path in the project's folder @returns {T} */
export function readProjectJson(path) {
  /** @type {unknown} */
  const content = JSON.parse(readFileSync(join(PROJECT_FOLDER, path), 'utf8'));
  return /** @type {T} */ (content);
}

/** An expected error. Its message is printed without a stack trace: what is wrong, then what to do. */
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

/** The default of every setting, of `.env.example`; empty if there is none. @returns {Record<string, string>} */
export function readDefaultSettings() {
  const example = readFileSync(join(PROJECT_FOLDER, '.env.example'), 'utf8');
  const settings = [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)];
  return Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value]));
}

/** Describes a version of Node that is older than package.json demands. @param {string} version */
export function describeUnsupportedNode(version) {
  /** @type {{ engines: { node: string } }} */
  const { engines } = readProjectJson('package.json');
  const required = engines.node.replace('>=', '');
  if (version.localeCompare(required, 'en', { numeric: true }) >= 0) return undefined;
  return `Node ${version} is too old: install Node ${required} or newer from https://nodejs.org.`;
}

/** Runs a script, and prints an expected error as its message. @param {() => Promise<unknown>} main */
export async function runScript(main) {
  try {
    const nodeProblem = describeUnsupportedNode(process.versions.node);
    if (nodeProblem !== undefined) throw new UserFacingError(nodeProblem);
    await main();
  } catch (error) {
    console.error(error instanceof UserFacingError ? error.message : error);
    process.exitCode = 1;
  }
}
