import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findOnPath } from '@seguridad-abc/cli';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

const NPM = findOnPath(['npm'])!;

/** A fresh clone. The npm that installs its packages only records the folder in which it is called, and fails. */
let folder: ReturnType<typeof temporaryFolder>;
let record: string;
beforeEach(() => {
  folder = temporaryFolder();
  record = join(folder.path, 'npm-calls');
  for (const path of [
    'scripts',
    'docs/commands.md',
    'apps/cli/commands.json',
    'package.json',
    'package-lock.json',
    'examples/react/package.json',
  ]) {
    cpSync(path, join(folder.path, path), { recursive: true });
  }
  mkdirSync(join(folder.path, 'bin'));
  const npm = join(folder.path, 'bin', 'npm');
  writeFileSync(npm, `#!/bin/sh\necho "$PWD $1" >> '${record}'\nexit 1\n`);
  chmodSync(npm, 0o755);
});
afterEach(() => folder.remove());

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const path = `${join(folder.path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  return spawnSync(command, args, {
    cwd: folder.path,
    encoding: 'utf8',
    env: { HOME: process.env['HOME'], PATH: path, ...env },
  });
}

test.each(['example', 'dev --workspace=examples/react'])(
  'npm run %s installs in the folder of the project, not of a workspace',
  (script) => {
    const { status, stderr } = run(NPM, ['run', '--silent', ...script.split(' ')]);
    expect(stderr).toContain('npm could not install the packages');
    expect(status).toBe(1);
    expect(readFileSync(record, 'utf8')).toBe(`${realpathSync(folder.path)} ci\n`);
  },
);

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

test.each(Object.entries(scripts))(
  'npm run %s -- --help says what it does, and installs nothing',
  (name, script) => {
    // As npm runs the script, in a tenth of the time.
    const { status, stdout } = run('sh', ['-c', `${script} --help`], { npm_lifecycle_event: name });
    const [line] = stdout.split('\n');
    expect(line).toMatch(new RegExp(`^npm (run )?(-s )?${name}: [a-zA-Z][^|]+$`));
    expect(status).toBe(0);
    expect(existsSync(record)).toBe(false);
  },
);
