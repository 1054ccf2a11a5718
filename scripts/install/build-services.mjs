import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';

/** A build that takes longer than this is announced. */
const SILENT_BUILD_MS = 3_000;

/** Folders of the workspaces that are built. */
const WORKSPACE_FOLDERS = ['packages', 'apps'];

/** File in `dist` that describes the sources it was built from. */
const STAMP_FILE = '.sources.json';

/** Sources that only tests use. */
const TEST_SOURCE = /(\.test\.ts|(^|[\\/])testing[\\/].*)$/;

/**
 * Builds the apps and packages: transpiles each TypeScript file of `src` to `dist`. Types are not checked; `npm run
 * check` does that. A build takes about a second, and a few milliseconds if no source has changed.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @throws {UserFacingError} after printing what is wrong in the sources
 */
export async function buildServices({ log, signal }) {
  const timer = setTimeout(() => log('Building.'), SILENT_BUILD_MS);
  try {
    signal.throwIfAborted();
    await transpileWorkspaces(findSourceFolders());
    signal.throwIfAborted();
  } finally {
    clearTimeout(timer);
  }
}

/** @returns {string[]} absolute paths of the apps and packages that have sources */
const findSourceFolders = () =>
  WORKSPACE_FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT_FOLDER, folder)).map((name) => join(PROJECT_FOLDER, folder, name)),
  ).filter((folder) => existsSync(join(folder, 'src')));

/**
 * Transpiles apps or packages, and removes the built files of deleted sources.
 *
 * @param {readonly string[]} folders absolute paths
 * @throws {UserFacingError} after printing what is wrong in the sources
 */
export async function transpileWorkspaces(folders) {
  const outdated = folders.filter((folder) => readStamp(folder) !== describeSources(folder));
  if (outdated.length === 0) return;
  // Loaded now: `npm start` loads this file before esbuild is installed.
  const esbuild = await import('esbuild');
  try {
    await Promise.all(outdated.map((folder) => transpileWorkspace(esbuild, folder)));
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const messages = await esbuild.formatMessages(error.errors, { kind: 'error' });
    console.error(messages.join('').trimEnd());
    throw new UserFacingError('The build failed: correct the errors above.');
  } finally {
    // Otherwise esbuild's process stays for as long as this one.
    await esbuild.stop();
  }
}

/** @param {import('esbuild')} esbuild @param {string} folder */
async function transpileWorkspace(esbuild, folder) {
  const [src, dist] = [join(folder, 'src'), join(folder, 'dist')];
  // Described first: a source that changes during the build is outdated afterwards.
  const stamp = describeSources(folder);
  rmSync(join(dist, STAMP_FILE), { force: true });
  const { outputFiles } = await esbuild.build({
    absWorkingDir: PROJECT_FOLDER,
    entryPoints: listSources(folder).map((path) => join(src, path)),
    outbase: src,
    outdir: dist,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'silent',
    // The file tsconfig.json is not used: it extends a package that only a full installation has.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  // A running service may load a file at any time, so only changed files are written.
  for (const { path, text } of outputFiles) {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const expected = new Set(outputFiles.map(({ path }) => relative(dist, path)));
  for (const path of listFiles(dist)) {
    if (/\.js(\.map)?$/.test(path) && !expected.has(path)) rmSync(join(dist, path));
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, STAMP_FILE), stamp);
}

/** @param {string} folder @returns {string[]} paths relative to `src` */
const listSources = (folder) =>
  listFiles(join(folder, 'src')).filter((path) => path.endsWith('.ts') && !TEST_SOURCE.test(path));

/**
 * @param {string} folder
 * @returns {string} a text that changes with every source, and with this file
 */
function describeSources(folder) {
  const files = [
    fileURLToPath(import.meta.url),
    ...listSources(folder).map((path) => join(folder, 'src', path)),
  ];
  return JSON.stringify(
    files.sort().map((file) => {
      const { mtimeMs, size } = statSync(file);
      return [relative(folder, file), mtimeMs, size];
    }),
  );
}

/** @param {string} folder @returns {string | undefined} undefined if a built file is missing */
function readStamp(folder) {
  const dist = join(folder, 'dist');
  const present = new Set(listFiles(dist));
  if (!present.has(STAMP_FILE)) return undefined;
  const isComplete = listSources(folder).every((path) => present.has(path.replace(/ts$/, 'js')));
  return isComplete ? readFileSync(join(dist, STAMP_FILE), 'utf8') : undefined;
}

/** @param {string} folder @returns {string[]} paths relative to the folder */
const listFiles = (folder) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];

/** @param {unknown} error @returns {error is import('esbuild').BuildFailure} */
const isBuildFailure = (error) => error instanceof Error && 'errors' in error && Array.isArray(error.errors);
