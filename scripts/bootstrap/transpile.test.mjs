import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { transpileWorkspaces } from './transpile.mjs';

/** @type {ReturnType<typeof temporaryFolder>} */
let folder;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, 'src', 'testing'), { recursive: true });
  write('index.ts', "import type { A } from './a.js';\nexport const value: A = 1;\n");
  write('a.ts', 'export type A = number;\n');
  write('index.test.ts', '');
  write('testing/index.ts', '');
});
afterEach(() => folder.remove());

/** @param {string} name @param {string} text */
const write = (name, text) => writeFileSync(join(folder.path, 'src', name), text);
const built = (/** @type {string} */ name) => join(folder.path, 'dist', name);
const build = () => transpileWorkspaces([folder.path]);

test('each source becomes a file with a source map; tests are left out', async () => {
  await build();
  expect(readFileSync(built('index.js'), 'utf8')).toBe(
    'const value = 1;\nexport {\n  value\n};\n//# sourceMappingURL=index.js.map\n',
  );
  expect(JSON.parse(readFileSync(built('index.js.map'), 'utf8'))).toMatchObject({
    sources: ['../src/index.ts'],
  });
  expect(existsSync(built('index.test.js'))).toBe(false);
  expect(existsSync(built('testing'))).toBe(false);
});

test('a second build writes the changed files only, and removes those of deleted sources', async () => {
  await build();
  const before = statSync(built('a.js')).mtimeMs;
  write('index.ts', 'export const value = 2;\n');
  write('b.ts', '');
  await build();
  expect(readFileSync(built('index.js'), 'utf8')).toContain('const value = 2;');
  expect(statSync(built('a.js')).mtimeMs).toBe(before);
  rmSync(join(folder.path, 'src', 'b.ts'));
  await build();
  expect(existsSync(built('b.js'))).toBe(false);
});

test('a missing built file is written again', async () => {
  await build();
  rmSync(built('a.js'));
  await build();
  expect(existsSync(built('a.js'))).toBe(true);
});

test('an error in a source is printed with its place, and the next build tries again', async () => {
  write('index.ts', 'export const = 1;\n');
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  await expect(build()).rejects.toThrow('The build failed: correct the errors above.');
  expect(printed.mock.calls.join('')).toMatch(/src\/index\.ts:1:13/);
  await expect(build()).rejects.toThrow('The build failed');
  vi.restoreAllMocks();
});

test('no process of esbuild remains after a build', async () => {
  await build();
  const listProcesses = () =>
    spawnSync('pgrep', ['-P', String(process.pid), 'esbuild'], { encoding: 'utf8' }).stdout;
  await vi.waitFor(() => expect(listProcesses()).toBe(''), { timeout: 5_000 });
});
