#!/usr/bin/env node
// npm start, dev, import, ...: runs a command of apps/cli. This file must load on any Node, before anything is installed.
import { runScript } from './bootstrap/node-version.mjs';
import { loadEnvFile, readProjectJson } from './bootstrap/project.mjs';

const HINT = 'run npm start, or npm ci and npm run build, first.';

/** @typedef {{ describe: string, installs?: boolean, usesPorts?: boolean }} Summary `installs`: installs what is missing */
const commands = /** @type {Record<string, Summary>} */ (readProjectJson('apps/cli/commands.json'));
const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('-')) ?? '';
const isHelp = args.some((arg) => arg === '--help' || arg === '-h');
const command = isHelp ? undefined : commands[name];

runScript(async (nodeProblem) => {
  if (command?.installs) {
    const { checkPrerequisites } = await import('./bootstrap/prerequisites.mjs');
    const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
    if (nodeProblem === undefined) loadEnvFile();
    await checkPrerequisites(process.env, { nodeProblem, checksPorts: command.usesPorts });
    await installAndBuild({ withDevelopment: false, log: command.usesPorts ? console.log : console.error });
  }
  const app = await importApp();
  if (app) await app.runCli(args, process.env);
  else if (isHelp) console.log(formatShortHelp());
  else {
    console.error(
      name in commands
        ? `The project is not installed and built: ${HINT}`
        : `There is no command "${name}": use one of ${Object.keys(commands).join(', ')}.`,
    );
    process.exitCode = 2;
  }
});

/** @returns {Promise<typeof import('../apps/cli/src/main.js') | undefined>} undefined if it is not installed and built */
async function importApp() {
  const file = '../apps/cli/dist/main.js';
  try {
    /** @type {unknown} */
    const app = await import(file);
    return /** @type {typeof import('../apps/cli/src/main.js')} */ (app);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The app prints the complete help; this one works before the app is built. */
function formatShortHelp() {
  const lines = Object.keys(commands)
    .filter((each) => each === name || !(name in commands))
    .map((each) => `npm run ${each.padEnd(12)}  ${commands[each]?.describe ?? ''}`);
  return [...lines, '', `The project is not built. For the options, ${HINT}`].join('\n');
}
