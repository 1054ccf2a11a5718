// npm run gateway, monitoring, reports or heartbeat: runs one built service in this process, so that signals reach it
// directly.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_FOLDER } from './bootstrap/project.mjs';

const name = process.argv[2] ?? '';
const main = join(PROJECT_FOLDER, 'apps', name, 'dist', 'main.js');

const problem = await findProblem();
if (problem === undefined) {
  process.chdir(PROJECT_FOLDER);
  await import(pathToFileURL(main).href);
} else {
  console.error(problem);
  process.exitCode = 1;
}

/** @returns {Promise<string | undefined>} why the service cannot run, and what to do */
async function findProblem() {
  if (!existsSync(main) || !existsSync(join(PROJECT_FOLDER, 'node_modules'))) {
    return `apps/${name} is not built: run npm start, or npm ci and npm run build, first.`;
  }
  const { describeOtherNode, findSqliteAddonProblem } = await importAddonModule();
  const addonProblem = await findSqliteAddonProblem(new AbortController().signal);
  if (addonProblem === undefined) return undefined;
  const description = describeOtherNode(addonProblem) ?? `better-sqlite3 cannot be loaded (${addonProblem}).`;
  return `${description} Run npm start once: it replaces the addon.`;
}

/** @returns {Promise<typeof import('../apps/cli/src/start/addon/sqlite-addon.js')>} */
async function importAddonModule() {
  // A variable, because the app may not be built when this file is checked.
  const file = '../apps/cli/dist/start/addon/sqlite-addon.js';
  /** @type {unknown} */
  const loaded = await import(file);
  return /** @type {typeof import('../apps/cli/src/start/addon/sqlite-addon.js')} */ (loaded);
}
