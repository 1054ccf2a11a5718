// npm start, dev, import, ...: runs a command of apps/cli. This file must load on any Node, before anything is installed.
import { readProjectJson, runScript } from './bootstrap/project.mjs';

/** `installs`: installs what is missing. @typedef {{ describe: string, installs?: true, usesPorts?: true }} Command */
const commands = /** @type {Record<string, Command>} */ (readProjectJson('apps/cli/commands.json'));
const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('-')) ?? '';
const isHelp = args.includes('--help') || args.includes('-h');

void runScript(async () => {
  const { describe, installs, usesPorts = false } = commands[name] ?? {};
  if (installs && !isHelp) {
    const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
    await installAndBuild({ withDevelopment: false, usesPorts });
  }
  const file = '../apps/cli/dist/main.js';
  /** @type {Promise<typeof import('../apps/cli/src/main.js')>} */
  const loading = import(file);
  const app = await loading.catch((/** @type {unknown} */ error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  });
  if (app) return app.runCli(args, process.env);
  if (isHelp && describe) console.log(`npm run ${name}: ${describe}`);
  else process.exitCode = 2;
  console.error('The project is not installed and built: run npm start, or wait until it is ready.');
});
