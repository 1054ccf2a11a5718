import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findServicePorts, startProgram, stopScripts } from '../harness/script-process.js';

/** A fresh clone that has nothing but the command-line app, and whose packages the npm on the PATH "installs". */
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const path of [
    'scripts',
    '.env.example',
    'package.json',
    'package-lock.json',
    'apps/cli/commands.json',
    'apps/cli/src',
  ])
    cpSync(path, join(folder.path, path), { recursive: true });
  for (const path of ['packages', 'node_modules']) mkdirSync(join(folder.path, path));
  symlinkSync(resolve('node_modules/esbuild'), join(folder.path, 'node_modules/esbuild'));
  // The console needs packages that are not installed here.
  write('scripts/bootstrap/build-console.mjs', 'export async function buildConsole() {}');
  writeProgram('bin/npm', '');
});
afterEach(async () => {
  await stopScripts();
  folder.remove();
});

/** Writes a file of the clone. */
function write(path: string, text: string, mode?: number): void {
  const file = join(folder.path, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text, { mode });
}
const writeProgram = (path: string, script: string) => write(path, `#!/bin/sh\n${script}\n`, 0o755);

const startInstallation = async (env: Readonly<Record<string, string>> = {}) =>
  startProgram(process.execPath, [join(folder.path, 'scripts/cli.mjs'), 'start'], {
    env: {
      ...(await findServicePorts()),
      PATH: `${join(folder.path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      REDIS_URL: 'redis://127.0.0.1:1',
      ...env,
    },
  });

/** What npm prints when it has fetched the description of a package. */
const NPM_ANSWER = 'npm http fetch GET 200 https://registry.example/esbuild 20ms (cache miss)';

test('the progress of the installation is a share, with an estimate, and never more than there are packages', async () => {
  // Each package has two answers: its description, and its content.
  writeProgram(
    'bin/npm',
    `i=0; while [ $i -lt 1500 ]; do i=$((i+1)); echo '${NPM_ANSWER}' >&2; done; sleep 60`,
  );
  const start = await startInstallation();
  await start.waitForOutput(/^Installing (\d+) packages: usually 15 to 70 s\.$/m);
  await start.waitForOutput(/^ {2}\d+ s: 50 % done, 1 of \d+ packages installed, about \d+ s left$/m);
  expect(start.getOutput()).not.toContain('npm http');
  start.child.kill('SIGINT');
  expect(await start.exitCode).toBe(130);
});

test('if npm fails, its errors are printed, without its requests', async () => {
  writeProgram('bin/npm', `echo '${NPM_ANSWER}' >&2; echo 'npm error code ENOTFOUND' >&2; exit 7`);
  const start = await startInstallation();
  expect(await start.exitCode).toBe(1);
  expect(start.getOutput()).toMatch(
    /^Installing .*\nnpm error code ENOTFOUND\nnpm could not install the packages \(7\): correct the errors above\.\n$/,
  );
});

test('after the installation, a signal is left to the app, which stops in order', async () => {
  write('apps/cli/src/start/addon/sqlite-addon.ts', 'export async function provideSqliteAddon() {}');
  write(
    'apps/cli/src/main.ts',
    `export async function runCli() {
      process.on('SIGTERM', () => setTimeout(() => { console.log('stopped in order'); process.exit(0); }));
      setInterval(() => {}, 1000);
      console.log('running');
    }`,
  );
  const start = await startInstallation();
  await start.waitForOutput(/^Installing \d+ packages[^]*^running$/m);
  start.child.kill('SIGTERM');
  const { code, stdout } = await start.ended;
  expect(stdout).toContain('stopped in order');
  expect(code).toBe(0);
});

test('Ctrl-C while better-sqlite3 is compiled stops the compiler, and the start ends with exit code 130', async () => {
  const pidFile = join(folder.path, 'compiler.pid');
  write('packages/platform/package.json', '{}');
  write('node_modules/better-sqlite3/package.json', '{ "version": "1.0.0" }');
  write('node_modules/prebuild-install/bin.js', 'process.exitCode = 1; // There is no prebuilt binary.');
  for (const name of ['python3', 'make', 'c++']) writeProgram(`bin/${name}`, '');
  write('npm/bin/npm-cli.js', '');
  // node-gyp runs a compiler, which would run for a minute.
  write(
    'npm/node_modules/node-gyp/bin/node-gyp.js',
    `const { pid } = require('child_process').spawn('sleep', ['60'], { stdio: 'ignore' });
    require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(pid));`,
  );
  const start = await startInstallation({
    npm_execpath: join(folder.path, 'npm/bin/npm-cli.js'),
    XDG_CACHE_HOME: join(folder.path, 'cache'),
  });
  await start.waitForOutput(/^Compiling better-sqlite3/m);
  await eventually(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+$/));
  const compiler = Number(readFileSync(pidFile, 'utf8'));
  expect(() => process.kill(compiler, 0)).not.toThrow();
  start.child.kill('SIGINT');
  expect(await start.exitCode).toBe(130);
  await eventually(() => expect(() => process.kill(compiler, 0)).toThrow('ESRCH'));
});
