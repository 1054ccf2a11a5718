#!/usr/bin/env node
// npm run import, export, ...: starts the command-line app. This file must load on any Node, before dependencies are
// installed and before anything is built.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeUnsupportedNode } from './shared/node-version.mjs';
import { PROJECT_FOLDER, readProjectJson } from './shared/project-files.mjs';

const APP_FOLDER = join(PROJECT_FOLDER, 'apps', 'cli');
const MAIN_FILE = join(APP_FOLDER, 'dist', 'main.js');
const BUILD_HINT = 'run npm start, or npm ci and npm run build, first.';

/** @typedef {Readonly<Record<string, { describe: string, installs?: boolean }>>} CommandSummaries */

/** The commands by name. Those with `installs` install and build what they need; the others need a built project. */
const COMMANDS = /** @type {CommandSummaries} */ (readProjectJson('apps/cli/commands.json'));

const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('-')) ?? '';
const isHelp = args.some((arg) => arg === '--help' || arg === '-h');
const isInstalled = getDependencies().every(isDependencyInstalled);
const isBuilt = isInstalled && existsSync(MAIN_FILE);
const nodeProblem = describeUnsupportedNode(process.versions.node);

if (nodeProblem !== undefined) {
  fail(nodeProblem);
} else if (isBuilt) {
  await runApp();
} else if (isHelp) {
  console.log(formatShortHelp());
} else if (!Object.hasOwn(COMMANDS, name)) {
  fail(`There is no command "${name}": use one of ${Object.keys(COMMANDS).join(', ')}.`);
} else if (COMMANDS[name]?.installs) {
  await prepareAndRunApp();
} else {
  fail(`The project is not ${isInstalled ? 'built' : 'installed'}: ${BUILD_HINT}`);
}

/** @returns {string[]} the names of the packages that the app imports */
function getDependencies() {
  const manifest = /** @type {{ dependencies: Record<string, string> }} */ (
    readProjectJson('apps/cli/package.json')
  );
  return Object.keys(manifest.dependencies);
}

/** An interrupted or outdated installation lacks some packages. @param {string} dependency */
function isDependencyInstalled(dependency) {
  return [APP_FOLDER, PROJECT_FOLDER].some((folder) =>
    existsSync(join(folder, 'node_modules', dependency, 'package.json')),
  );
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 2;
}

/** The app prints the complete help; this one works before the app is built. */
function formatShortHelp() {
  const lines = Object.entries(COMMANDS)
    .filter(([command]) => !Object.hasOwn(COMMANDS, name) || command === name)
    .map(([command, { describe }]) => `npm run ${command.padEnd(12)}  ${describe}`);
  return [...lines, '', `The project is not built. For the options, ${BUILD_HINT}`].join('\n');
}

async function runApp() {
  const { projectScripts } = await import('./cli/project-scripts.mjs');
  /** @type {unknown} */
  const app = await import(pathToFileURL(MAIN_FILE).href);
  const { runCli } = /** @type {typeof import('../apps/cli/src/main.js')} */ (app);
  await runCli(args, { env: process.env, scripts: projectScripts });
}

async function prepareAndRunApp() {
  const { getExitCode, printError } = await import('./shared/errors.mjs');
  const { listenForInterrupts } = await import('./shared/interrupts.mjs');
  const { buildProject } = await import('./cli/project-scripts.mjs');
  const { stop: signal } = listenForInterrupts();
  try {
    await buildProject({ log: (line) => console.error(line), signal });
  } catch (error) {
    if (!signal.aborted) printError(error);
    process.exitCode = getExitCode(error);
    return;
  }
  await runApp();
}
