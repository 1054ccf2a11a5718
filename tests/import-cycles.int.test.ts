import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cycles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files into a temporary package and returns what the linter of import cycles prints for it. */
async function findCycles(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const config = join(root, 'dependency-cruiser.config.mjs');
  const tsConfig = join(root, 'tsconfig.json');
  const run = promisify(execFile)(
    process.execPath,
    [cruise, '--config', config, '--ts-config', tsConfig, 'src'],
    { cwd: folder },
  );
  return run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
}

test('imports in one direction pass', async () => {
  const files = { 'src/a/x.ts': "import '../b/y.js';\n", 'src/b/y.ts': 'export {};\n' };
  expect(await findCycles(files)).toMatch(/no dependency violations/);
});

test('two files that import each other fail', async () => {
  const files = { 'src/a/x.ts': "import './y.js';\n", 'src/a/y.ts': "import './x.js';\n" };
  expect(await findCycles(files)).toMatch(/error no-file-cycles: src\/a\//);
});

test('two folders that import each other fail, also by types and without a cycle of files', async () => {
  const files = {
    'src/a/x.ts': "import type { Y } from '../b/y.js';\nexport type X = Y;\n",
    'src/a/z.ts': 'export type Z = string;\n',
    'src/b/y.ts': "import type { Z } from '../a/z.js';\nexport type Y = Z;\n",
  };
  const found = await findCycles(files);
  expect(found).toMatch(/error no-folder-cycles: src\/a/);
  expect(found).not.toMatch(/no-file-cycles/);
});
