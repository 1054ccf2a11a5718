import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_FOLDER, UserFacingError } from './project.mjs';

const CONSOLE_FOLDER = join(PROJECT_FOLDER, 'apps', 'console');
/** What the built files depend on, besides the packages. */
const SOURCES = ['index.html', 'package.json', 'src', 'vite', 'vite.config.ts'];
/** File in `dist` with a hash of the sources it was built from. */
const STAMP_FILE = join(CONSOLE_FOLDER, 'dist', '.sources');

/**
 * Builds the console for browsers if its sources have changed.
 * @param {(line: string) => void} [log] receives what is built
 * @throws {UserFacingError} with what is wrong in the sources
 */
export async function buildConsole(log) {
  const stamp = hashSources();
  if (existsSync(STAMP_FILE) && readFileSync(STAMP_FILE, 'utf8') === stamp) return;
  const startedAt = performance.now();
  log?.('Building the console: usually 3 to 10 s.');
  const vitePackage = createRequire(join(CONSOLE_FOLDER, 'package.json')).resolve('vite/package.json');
  const vite = join(dirname(vitePackage), 'bin', 'vite.js');
  try {
    // Another process: Vite reads the mode and the folder of its own.
    await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: CONSOLE_FOLDER,
      env: { ...process.env, NODE_ENV: 'production' },
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new UserFacingError(`${stdout}${stderr}The build of the console failed: correct the errors above.`);
  }
  writeFileSync(STAMP_FILE, stamp);
  log?.(`Built the console in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}

function hashSources() {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap(listFiles))
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** @param {string} name of a file or folder of the console @returns {string[]} paths */
function listFiles(name) {
  const path = join(CONSOLE_FOLDER, name);
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((file) => join(path, file))
    .filter((file) => statSync(file).isFile())
    .sort();
}
