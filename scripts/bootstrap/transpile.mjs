import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, formatMessages, stop } from 'esbuild';
import { PROJECT_FOLDER, UserFacingError } from './project.mjs';

/** Sources that only tests use. */
const TEST_SOURCE = /(\.test\.ts|(^|[\\/])testing[\\/].*)$/;

/** File in `dist` that describes the sources it was built from. */
const STAMP_FILE = '.sources';

/** The app for browsers. Vite builds it (build-console.mjs). */
const CONSOLE_FOLDER = join(PROJECT_FOLDER, 'apps', 'console');

/**
 * Builds all apps and packages for Node that have changed. Types are not checked; `npm run check` does that.
 * @param {(line: string) => void} [log]
 */
export const transpileProject = (log) =>
  transpileWorkspaces(
    ['packages', 'apps']
      .flatMap((parent) =>
        readdirSync(join(PROJECT_FOLDER, parent)).map((name) => join(PROJECT_FOLDER, parent, name)),
      )
      .filter((folder) => folder !== CONSOLE_FOLDER),
    log,
  );

/**
 * Transpiles each TypeScript file of `src` to `dist`, and removes the built files of deleted sources. Apps and packages
 * whose sources have not changed are skipped.
 * @param {readonly string[]} folders absolute paths of apps or packages
 * @param {(line: string) => void} [log] receives what is built
 * @throws {UserFacingError} after printing what is wrong in the sources
 */
export async function transpileWorkspaces(folders, log) {
  const outdated = folders
    .map((folder) => ({ folder, dist: join(folder, 'dist'), sources: listSources(folder) }))
    .map((workspace) => ({ ...workspace, stamp: describeSources(workspace) }))
    .filter(({ dist, sources, stamp }) => sources.length > 0 && !isBuilt(dist, sources, stamp));
  if (outdated.length === 0) return;
  const startedAt = performance.now();
  log?.(`Building ${outdated.map(({ folder }) => basename(folder)).join(', ')}: usually 1 to 10 s.`);
  const entryPoints = outdated.flatMap(({ folder, dist, sources }) =>
    sources.map((path) => ({ in: join(folder, 'src', path), out: join(dist, path.slice(0, -'.ts'.length)) })),
  );
  for (const { dist } of outdated) rmSync(join(dist, STAMP_FILE), { force: true });
  const outputFiles = await buildFiles(entryPoints);
  // A running service may load a file at any time, so only changed files are written.
  for (const { path, text } of outputFiles) {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const expected = new Set(outputFiles.map(({ path }) => path));
  for (const { dist, stamp } of outdated) {
    const built = listFiles(dist).filter((path) => /\.js(\.map)?$/.test(path));
    for (const path of built) if (!expected.has(join(dist, path))) rmSync(join(dist, path));
    writeFileSync(join(dist, STAMP_FILE), stamp);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  log?.(`Built ${entryPoints.length} source files in ${seconds} s.`);
}

/** @param {string} folder @returns {string[]} paths relative to `src` */
const listSources = (folder) =>
  listFiles(join(folder, 'src')).filter((path) => path.endsWith('.ts') && !TEST_SOURCE.test(path));

/**
 * @param {{ folder: string, sources: readonly string[] }} workspace
 * @returns {string} a text that changes with every source, and with this file
 */
const describeSources = ({ folder, sources }) =>
  [fileURLToPath(import.meta.url), ...sources.map((path) => join(folder, 'src', path))]
    .map((file) => [relative(folder, file), statSync(file).mtimeMs, statSync(file).size].join())
    .join('\n');

/** @param {string} dist @param {readonly string[]} sources @param {string} stamp */
function isBuilt(dist, sources, stamp) {
  const files = new Set(listFiles(dist));
  if (!files.has(STAMP_FILE) || sources.some((path) => !files.has(path.replace(/ts$/, 'js')))) return false;
  return readFileSync(join(dist, STAMP_FILE), 'utf8') === stamp;
}

/** @param {{ in: string, out: string }[]} entryPoints */
async function buildFiles(entryPoints) {
  try {
    const { outputFiles } = await build({
      absWorkingDir: PROJECT_FOLDER,
      entryPoints,
      outdir: sep,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'es2023',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'silent',
      // The file tsconfig.json is not used: it extends a package that only a complete installation has.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    return outputFiles;
  } catch (error) {
    if (!(error instanceof Error && 'errors' in error)) throw error;
    const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
    console.error((await formatMessages(errors, { kind: 'error' })).join('').trimEnd());
    throw new UserFacingError('The build failed: correct the errors above.');
  } finally {
    // The process of esbuild would run as long as this one.
    await stop();
  }
}

/** @param {string} folder @returns {string[]} paths relative to the folder */
const listFiles = (folder) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
