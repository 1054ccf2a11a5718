import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Scripts that run after an installation without development packages. */
const ENTRY_SCRIPTS = ['scripts/cli.mjs', 'scripts/run-service.mjs', 'scripts/build-package.mjs'];
const IMPORT =
  /^(?:import|export)\s(?!type\b)(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, { readonly dev?: boolean } | undefined>>;
};

const listFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
    : [];

/** Comments hold imports of types. */
const readImports = (file: string): string[] => {
  const code = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\//g, '');
  return [...code.matchAll(IMPORT)].map(([, from, dynamic]) => from ?? dynamic ?? '');
};

/** The scripts that others import, directly or not, included. */
function findReachableScripts(files: readonly string[]): Set<string> {
  const reachable = new Set<string>();
  const pending = [...files];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (reachable.has(file)) continue;
    reachable.add(file);
    for (const path of readImports(file)) if (path.startsWith('.')) pending.push(join(dirname(file), path));
  }
  return reachable;
}

const findSources = (): string[] =>
  ['apps', 'packages']
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .flatMap((folder) => listFiles(join(folder, 'src')))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|[\\/]testing[\\/]/.test(file));

/** The name of the package that an import is from; undefined for one of Node or of the own folder. */
function toPackageName(path: string): string | undefined {
  if (/^(\.|node:)/.test(path) || builtinModules.includes(path)) return undefined;
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/');
}

test('everything that npm start and the commands import is installed without development packages', () => {
  const files = [...findSources(), ...findReachableScripts(ENTRY_SCRIPTS)];
  expect(files.length).toBeGreaterThan(200);
  const imported = files.flatMap((file) => {
    const folder = /^(?:apps|packages)[\\/][^\\/]+/.exec(file)?.[0];
    return readImports(file).flatMap((path) => {
      const name = toPackageName(path);
      return name === undefined ? [] : [{ file, name, folder }];
    });
  });
  expect(new Set(imported.map(({ name }) => name))).toContain('better-sqlite3');
  const missing = imported.filter(({ name, folder }) => {
    const entry = packages[`${folder ?? '.'}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
    return entry === undefined || entry.dev;
  });
  expect(missing).toEqual([]);
});

test('the code that runs before anything is installed has at most 200 lines', () => {
  // What this script imports is installed by then.
  const afterInstallation = findReachableScripts(['scripts/bootstrap/build-project.mjs']);
  const files = [...findReachableScripts(['scripts/cli.mjs'])].filter(
    (file) => file === 'scripts/bootstrap/project.mjs' || !afterInstallation.has(file),
  );
  expect(files).toHaveLength(4);
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'));
  expect(lines.length).toBeLessThanOrEqual(200);
});
