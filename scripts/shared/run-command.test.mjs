import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findOnPath, runCommand } from './run-command.mjs';

const { signal } = new AbortController();

describe('findOnPath', () => {
  /** @type {string} */
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'path-'));
    for (const name of ['first', 'second', 'no-program']) writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, 'first'), 0o755);
    chmodSync(join(folder, 'second'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('returns the first name that exists in any folder', () => {
    const path = ['/nowhere', folder].join(delimiter);
    expect(findOnPath(['absent', 'second', 'first'], path)).toBe(join(folder, 'second'));
  });

  test('ignores a file that is not executable', () => {
    expect(findOnPath(['no-program'], folder)).toBeUndefined();
  });
});

describe('runCommand', () => {
  test('returns the exit code and both outputs', async () => {
    const script = 'console.log("out"); console.error("err"); process.exit(3)';
    const { code, output } = await runCommand(process.execPath, ['-e', script], { signal });
    expect(code).toBe(3);
    expect(output).toContain('out\n');
    expect(output).toContain('err\n');
  });

  test('rejects with ENOENT if the program does not exist', async () => {
    await expect(runCommand('no-such-program', [], { signal })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('stops the program and its child processes after an abort', async () => {
    const abort = new AbortController();
    const file = join(mkdtempSync(join(tmpdir(), 'run-')), 'pid');
    const forever = 'setInterval(() => {}, 1000)';
    const script = `
      const { pid } = require('child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'ignore' });
      require('fs').writeFileSync(${JSON.stringify(file)}, String(pid));
      ${forever}`;
    const running = runCommand(process.execPath, ['-e', script], { signal: abort.signal });
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/^\d+$/), 10_000);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await vi.waitFor(() =>
      expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH'),
    );
    rmSync(dirname(file), { recursive: true });
  });
});
