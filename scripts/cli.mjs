#!/usr/bin/env node
// npm start, dev, import, ...: runs a command of apps/cli. This file must load on any Node, before anything is installed.
import {
  describeScript,
  hasHelpOption,
  loadEnvFile,
  readProjectJson,
  runScript,
} from './bootstrap/project.mjs';

/** `installs`: installs what is missing. @type {Record<string, { installs?: true, usesPorts?: true }>} */
const commands = readProjectJson('apps/cli/commands.json');
const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('-')) ?? '';
const isHelp = hasHelpOption(args);
const HINT = 'run npm start, or npm ci and npm run build, first.';

runScript(async (nodeProblem) => {
  const { installs, usesPorts } = isHelp ? {} : (commands[name] ?? {});
  if (installs) {
    const log = usesPorts ? console.log : console.error;
    log('Checking packages and build.');
    const { checkPrerequisites } = await import('./bootstrap/prerequisites.mjs');
    const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
    if (nodeProblem === undefined) loadEnvFile();
    await checkPrerequisites(process.env, { nodeProblem, checksPorts: usesPorts });
    await installAndBuild({ withDevelopment: false, log });
  }
  const file = '../apps/cli/dist/main.js';
  /** @type {Promise<typeof import('../apps/cli/src/main.js')>} */
  const loading = import(file);
  const app = await loading.catch((/** @type {unknown} */ error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  });
  if (app) return app.runCli(args, process.env);
  if (isHelp) console.log(describeScript(name));
  else process.exitCode = 2;
  console.error(`${isHelp ? 'For the full help' : 'The project is not installed and built'}: ${HINT}`);
});
