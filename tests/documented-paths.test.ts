import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const UNLISTED_FOLDERS = ['.git', '.stryker', '.turbo', 'coverage', 'data', 'dist', 'node_modules'];

/** Files that a user provides, or creates with a command that the page shows. */
const USER_FILES = [
  'start.json',
  '<service>.unsupervised.log',
  'rules.csv',
  'openings.csv',
  'FILE.csv',
  'prices.graphql',
  'persisted-query-manifest.json',
  'examples/react/persisted-query-manifest.json',
];
/** Files of reference data, and the pattern of a test's file name. */
const EXAMPLE_NAME = /^(home-a(\.\w+)?\.csv|(tests\/)?x(\.\w+)?\.test\.ts)$/;

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(PROJECT_FOLDER, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The files and folders of the project, as `/path/of/file` and `/path/of/folder/`. */
const PROJECT_PATHS = listPaths(PROJECT_FOLDER);

function listPaths(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (UNLISTED_FOLDERS.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    const name = `/${relative(PROJECT_FOLDER, path).replaceAll('\\', '/')}`;
    return entry.isDirectory() ? [`${name}/`, ...listPaths(path)] : [name];
  });
}

const ROOT_FOLDERS = PROJECT_PATHS.flatMap((path) => /^\/([^/]+)\/$/.exec(path)?.[1] ?? []);
const FILE_EXTENSIONS = new Set(PROJECT_PATHS.flatMap((path) => /\.(\w+)$/.exec(path)?.[1] ?? []));

/**
 * The paths in code: words that begin with a folder of the project, end with a slash, or end like a file of the project.
 * Words that begin with a slash are routes of HTTP.
 */
const findPaths = (code: string): string[] =>
  code
    .split(/[\s,:;()"'=|]+/)
    .map((word) => word.replace(/^\.\//, ''))
    .filter((word) => /^[\w.@<*-][\w./@<>*-]*$/.test(word))
    .filter(
      (word) =>
        isInRootFolder(word) ||
        /^[^.].*\/$/.test(word) ||
        FILE_EXTENSIONS.has(/\w\.(\w+)$/.exec(word)?.[1] ?? ''),
    )
    .filter((word) => !USER_FILES.includes(word) && !EXAMPLE_NAME.test(word));

const isInRootFolder = (path: string): boolean =>
  ROOT_FOLDERS.some((folder) => path.startsWith(`${folder}/`));

/**
 * Whether a path names a file or folder. A path below a folder of the project is complete; any other one may begin anywhere,
 * such as `db/outbox.ts` after the name of an app. `*` and `<name>` stand for any name, and a file's name may lack its end.
 */
function isProjectPath(path: string): boolean {
  const pattern = path
    .replace(/\/$/, '')
    .replaceAll(/[.@-]/g, String.raw`\$&`)
    .replaceAll(/\*|<[^>]*>/g, '[^/]+');
  const start = isInRootFolder(path) ? '^/' : '/';
  const end = path.endsWith('/') ? '/$' : String.raw`(?:/|\.[\w.]+)?$`;
  const regExp = new RegExp(start + pattern + end);
  return PROJECT_PATHS.some((each) => regExp.test(each));
}

test.each(PAGES)('%s names only files and folders that exist', (page) => {
  const text = readFileSync(join(PROJECT_FOLDER, page), 'utf8');
  const blocks = [...text.matchAll(/^ *```.*\n([^]*?)^ *```/gm)].map(([, code = '']) => code);
  // Words of other languages in blocks may look like a path, so only those below a folder of the project count there.
  const inBlocks = blocks.flatMap(findPaths).filter(isInRootFolder);
  const inText = [...text.replaceAll(/^ *```.*\n[^]*?^ *```/gm, '').matchAll(/`([^`]+)`/g)].flatMap(
    ([, code = '']) => findPaths(code),
  );
  expect([...inBlocks, ...inText].filter((path) => !isProjectPath(path))).toEqual([]);

  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*/, ''));
  const missing = targets.filter(
    (target) =>
      target !== '' && !/^\w+:/.test(target) && !existsSync(join(PROJECT_FOLDER, dirname(page), target)),
  );
  expect(missing).toEqual([]);
});
