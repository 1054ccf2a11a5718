// What an installation does after npm. It needs the packages.
import { transpileProject } from './transpile.mjs';

/** Builds the apps, and provides the native addon that the packages lack. @param {(line: string) => void} log */
export async function buildProject(log) {
  await transpileProject(log);
  const file = '../../apps/cli/dist/start/addon/sqlite-addon.js';
  /** @type {Promise<typeof import('../../apps/cli/src/start/addon/sqlite-addon.js')>} */
  const loading = import(file);
  const { provideSqliteAddon } = await loading;
  await provideSqliteAddon(log);
}
