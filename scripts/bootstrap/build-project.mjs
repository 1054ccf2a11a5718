// What an installation does after npm. It needs the packages.
import { transpileProject } from './transpile.mjs';

/** Builds the apps, and provides the native addon that the packages lack. @param {(line: string) => void} log */
export async function buildProject(log) {
  transpileProject(log);
  const file = '../../apps/cli/dist/start/addon/sqlite-addon.js';
  /** @type {typeof import('../../apps/cli/src/start/addon/sqlite-addon.js')} */
  const { ensureSqliteAddon } = await import(file);
  await ensureSqliteAddon({ log, signal: new AbortController().signal });
}
