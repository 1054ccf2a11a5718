// What an installation does after npm. It needs the packages.
import { buildConsole } from './build-console.mjs';
import { transpileProject } from './transpile.mjs';

/** Builds the apps, and provides the native addon that the packages lack. Reports progress on stderr. */
export async function buildProject() {
  await transpileProject(console.error);
  await buildConsole(console.error);
  const file = '../../apps/cli/dist/start/addon/sqlite-addon.js';
  /** @type {Promise<typeof import('../../apps/cli/src/start/addon/sqlite-addon.js')>} */
  const loading = import(file);
  const { provideSqliteAddon } = await loading;
  await provideSqliteAddon(console.error);
}
