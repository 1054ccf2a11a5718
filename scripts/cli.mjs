#!/usr/bin/env node
// npm start, dev, import, ...: runs a command of apps/cli. This file must load on any Node, before anything is installed.
import { loadEnvFile, readProjectJson, runScript } from './bootstrap/project.mjs';

/** `installs`: installs what is missing. @type {Record<string, { describe: string, installs?: true, usesPorts?: true }>} */
const commands = readProjectJson('apps/cli/commands.json');
const args = process.argv.slice(2);
const isHelp = args.includes('--help') || args.includes('-h');
const command = isHelp ? undefined : commands[args.find((arg) => !arg.startsWith('-')) ?? ''];

runScript(async (nodeProblem) => {
  if (command?.installs) {
    const { checkPrerequisites } = await import('./bootstrap/prerequisites.mjs');
    const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
    if (nodeProblem === undefined) loadEnvFile();
    await checkPrerequisites(process.env, { nodeProblem, checksPorts: command.usesPorts });
    await installAndBuild({ withDevelopment: false, log: command.usesPorts ? console.log : console.error });
  }
  const file = '../apps/cli/dist/main.js';
  /** @type {Promise<typeof import('../apps/cli/src/main.js')>} */
  const loading = import(file);
  const app = await loading.catch((/** @type {unknown} */ error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  });
  if (app) return app.runCli(args, process.env);
  // The app prints the complete help.
  for (const [name, { describe }] of Object.entries(isHelp ? commands : {}))
    console.log(`${name}: ${describe}`);
  console.error('The project is not installed and built: run npm start, or npm ci and npm run build, first.');
  if (!isHelp) process.exitCode = 2;
});
