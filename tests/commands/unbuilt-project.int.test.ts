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
});
afterAll(() => folder.remove());

function runUnbuilt(...args: string[]) {
  const options = { cwd: folder.path, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/cli.mjs', ...args], options);
  return { code: status, stdout, stderr };
}

const HINT = 'run npm start, or npm ci and npm run build, first.';

test.each(['import', 'demo'])('%s --help says what the command does and how to get all options', (name) => {
  const { code, stdout } = runUnbuilt(name, '--help');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toHaveLength(4);
  expect(stdout).toMatch(new RegExp(`^npm run ${name} +[A-Z]`));
  expect(stdout).toContain(HINT);
});

test('--help lists all commands', () => {
  const { stdout } = runUnbuilt('--help');
  expect(stdout).toMatch(/npm run import .*\n[^]*npm run dev /);
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

test('an unknown command is wrong usage', () => {
  expect(runUnbuilt('foo')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no command "foo": use one of import, ') as unknown,
  });
});
