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

/**
 * Reads the default of every setting from `.env.example`; it is empty if there is none. A test checks that the services have
 * the same defaults.
 * @returns {Record<string, string>}
 */
export function readDefaultSettings() {
  const example = readFileSync(join(PROJECT_FOLDER, '.env.example'), 'utf8');
  return Object.fromEntries(
    [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Describes a version of Node that is older than package.json demands. @param {string} version */
export function describeUnsupportedNode(version) {
  /** @type {{ engines: { node: string } }} */
  const { engines } = readProjectJson('package.json');
  const required = engines.node.replace('>=', '');
  if (version.localeCompare(required, 'en', { numeric: true }) >= 0) return undefined;
  return `Node ${version} is too old: install Node ${required} or newer from https://nodejs.org.`;
}

/** @param {readonly string[]} args */
export const hasHelpOption = (args) => args.includes('--help') || args.includes('-h');

/** Describes an npm script, as the table of docs/commands.md does. @param {string} name */
export function describeScript(name) {
  const table = readFileSync(join(PROJECT_FOLDER, 'docs/commands.md'), 'utf8');
  const row = new RegExp(`^\\| \`(npm (?:run )?(?:-s )?${name})[ \`][^|]*\\| (.*?) +\\|$`, 'm').exec(table);
  const [, command = '', description = ''] = row ?? [];
  return row ? `${command}: ${description.replace(/`/g, '')}` : 'docs/commands.md lists all commands.';
}

/**
 * Runs an npm script, and prints an expected error as its message. An old Node cannot load the script's modules.
 * @param {(nodeProblem: string | undefined) => Promise<unknown>} main
 * @param {readonly string[]} args with --help the script is described, and not run
 */
export function runScript(main, args = []) {
  if (hasHelpOption(args)) {
    console.log(describeScript(process.env['npm_lifecycle_event'] ?? ''));
    return;
  }
  const nodeProblem = describeUnsupportedNode(process.versions.node);
  main(nodeProblem).catch((/** @type {unknown} */ error) => {
    console.error(error instanceof UserFacingError ? error.message : (nodeProblem ?? error));
    process.exitCode = 1;
  });
}
