import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A project as it is after `git clone`: neither installed nor built. */
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, 'apps/cli'), { recursive: true });
  cpSync('scripts', join(folder.path, 'scripts'), { recursive: true });
  for (const file of ['commands.json', 'package.json']) {
    cpSync(join('apps/cli', file), join(folder.path, 'apps/cli', file));
  }
  for (const file of ['docs/commands.md', 'package.json']) cpSync(file, join(folder.path, file));
});
afterAll(() => folder.remove());

function runUnbuilt(...args: string[]) {
  const options = { cwd: folder.path, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/cli.mjs', ...args], options);
  return { code: status, stdout, stderr };
}

const HINT = 'run npm start, or wait until it is ready.';

test('--help says what the command does, and that the full help needs an installation', () => {
  expect(runUnbuilt('import', '--help')).toStrictEqual({
    code: 0,
    stdout: 'npm run import: Creates a rule for each row of a CSV file\n',
    stderr: `The project is not installed and built: ${HINT}\n`,
  });
});

test('a command says that the project is not installed, with exit code 2', () => {
  expect(runUnbuilt('import', 'rules.csv')).toStrictEqual({
    code: 2,
    stdout: '',
    stderr: `The project is not installed and built: ${HINT}\n`,
  });
});

test('an installation that lacks a package counts as none', () => {
  mkdirSync(join(folder.path, 'node_modules/yargs'), { recursive: true });
  mkdirSync(join(folder.path, 'apps/cli/dist'), { recursive: true });
  writeFileSync(join(folder.path, 'apps/cli/dist/main.js'), "import 'yargs';");
  expect(runUnbuilt('status')).toMatchObject({
    code: 2,
    stderr: `The project is not installed and built: ${HINT}\n`,
  });
});
