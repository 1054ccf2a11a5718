// npm run gateway, monitoring, reports or heartbeat: runs one built service in this process, so that signals reach it
// directly.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_FOLDER, UserFacingError } from './bootstrap/project.mjs';
import { runNpmScript } from './shared/npm-script.mjs';

const [name = '', ...args] = process.argv.slice(2);
const main = join(PROJECT_FOLDER, 'apps', name, 'dist', 'main.js');

runNpmScript(args, async () => {
  await checkBuild();
  process.chdir(PROJECT_FOLDER);
  await import(pathToFileURL(main).href);
});

/** @throws {UserFacingError} if the service cannot run */
async function checkBuild() {
  if (!existsSync(main) || !existsSync(join(PROJECT_FOLDER, 'node_modules'))) {
    throw new UserFacingError(
      `apps/${name} is not built: run npm start, or npm ci and npm run build, first.`,
    );
  }
  const { describeOtherNode, findSqliteAddonProblem } = await importAddonModule();
  const problem = await findSqliteAddonProblem(new AbortController().signal);
  if (problem === undefined) return;
  const description = describeOtherNode(problem) ?? `better-sqlite3 cannot be loaded (${problem}).`;
  throw new UserFacingError(`${description} Run npm start once: it replaces the addon.`);
}

/** @returns {Promise<typeof import('../apps/cli/src/start/addon/sqlite-addon.js')>} */
async function importAddonModule() {
  // A variable, because the app may not be built when this file is checked.
  const file = '../apps/cli/dist/start/addon/sqlite-addon.js';
  /** @type {unknown} */
  const loaded = await import(file);
  return /** @type {typeof import('../apps/cli/src/start/addon/sqlite-addon.js')} */ (loaded);
}
