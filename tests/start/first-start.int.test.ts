import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findServicePorts, startProgram, stopScripts } from '../harness/script-process.js';

/** A project that is built, and whose packages the npm on the PATH "installs". */
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const path of [
    'scripts',
    '.env.example',
    'package.json',
    'package-lock.json',
    'apps/cli/commands.json',
  ])
    cpSync(path, join(folder.path, path), { recursive: true });
  for (const path of ['bin', 'packages', 'node_modules', 'apps/cli/dist/start/addon'])
    mkdirSync(join(folder.path, path), { recursive: true });
  symlinkSync(resolve('node_modules/esbuild'), join(folder.path, 'node_modules/esbuild'));
  writeFileSync(
    join(folder.path, 'apps/cli/dist/start/addon/sqlite-addon.js'),
    'export async function ensureSqliteAddon() {}',
  );
});
afterEach(async () => {
  await stopScripts();
  folder.remove();
});

test('after the installation, a signal is left to the app, which stops in order', async () => {
  writeFileSync(join(folder.path, 'bin/npm'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(
    join(folder.path, 'apps/cli/dist/main.js'),
    `export async function runCli() {
      process.on('SIGTERM', () => setTimeout(() => { console.log('stopped in order'); process.exit(0); }));
      setInterval(() => {}, 1000);
      console.log('running');
    }`,
  );
  const start = startProgram(process.execPath, [join(folder.path, 'scripts/start.mjs')], {
    env: {
      ...(await findServicePorts()),
      PATH: `${join(folder.path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      REDIS_URL: 'redis://127.0.0.1:1',
    },
  });
  await start.waitForOutput(/^Installing \d+ packages[^]*^running$/m);
  start.child.kill('SIGTERM');
  const { code, stdout } = await start.ended;
  expect(stdout).toContain('stopped in order');
  expect(code).toBe(0);
});
