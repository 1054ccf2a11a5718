import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Packages, by their names: one without cycles, and two with a cycle of each kind. */
const PACKAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  valid: { 'src/a/x.ts': "import '../b/y.js';\n", 'src/b/y.ts': 'export {};\n' },
  files: { 'src/a/x.ts': "import './y.js';\n", 'src/a/y.ts': "import './x.js';\n" },
  folders: {
    'src/a/x.ts': "import type { Y } from '../b/y.js';\nexport type X = Y;\n",
    'src/a/z.ts': 'export type Z = string;\n',
    'src/b/y.ts': "import type { Z } from '../a/z.js';\nexport type Y = Z;\n",
  },
};

/** What the linter of import cycles prints for all packages. It takes seconds to start, so it runs once. */
let output: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cycles-'));
  for (const [name, files] of Object.entries(PACKAGES)) {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  const config = join(root, 'dependency-cruiser.config.mjs');
  const tsConfig = join(root, 'tsconfig.json');
  const args = [cruise, '--config', config, '--ts-config', tsConfig, ...Object.keys(PACKAGES)];
  const run = promisify(execFile)(process.execPath, args, { cwd: folder });
  output = await run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
  rmSync(folder, { recursive: true });
});

/** The rules that a package breaks. */
const listBrokenRules = (name: string) =>
  [...output.matchAll(/^ *error ([\w-]+): (\w+)\//gm)]
    .filter(([, , brokenBy]) => brokenBy === name)
    .map(([, rule]) => rule);

test('imports in one direction pass', () => {
  // The other packages show that the linter has run.
  expect(output).toMatch(/\berror\b/);
  expect(listBrokenRules('valid')).toStrictEqual([]);
});

test('two files that import each other fail', () => {
  expect(listBrokenRules('files')).toContain('no-file-cycles');
});

test('two folders that import each other fail, also by types and without a cycle of files', () => {
  const rules = listBrokenRules('folders');
  expect(rules).toContain('no-folder-cycles');
  expect(rules).not.toContain('no-file-cycles');
});
