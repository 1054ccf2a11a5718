import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onPath, run } from './command.mjs';

const { signal } = new AbortController();

describe('onPath', () => {
  /** @type {string} */
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'path-'));
    for (const name of ['first', 'second', 'no-program']) writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, 'first'), 0o755);
    chmodSync(join(folder, 'second'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('the first name that there is, in any folder', () => {
    const path = ['/nowhere', folder].join(delimiter);
    expect(onPath(['absent', 'second', 'first'], path)).toBe(join(folder, 'second'));
  });

  test('not a file that cannot be run', () => {
    expect(onPath(['no-program'], folder)).toBeUndefined();
  });
});

describe('run', () => {
  test('gives the exit code and both outputs', async () => {
    const script = 'console.log("out"); console.error("err"); process.exit(3)';
    const { code, output } = await run(process.execPath, ['-e', script], { signal });
    expect(code).toBe(3);
    expect(output).toContain('out\n');
    expect(output).toContain('err\n');
  });

  test('a program that there is not is an error of the system', async () => {
    await expect(run('no-such-program', [], { signal })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('an abort ends the program and what it has started', async () => {
    const abort = new AbortController();
    const file = join(mkdtempSync(join(tmpdir(), 'run-')), 'pid');
    const forever = 'setInterval(() => {}, 1000)';
    const script = `
      const { pid } = require('child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'ignore' });
      require('fs').writeFileSync(${JSON.stringify(file)}, String(pid));
      ${forever}`;
    const running = run(process.execPath, ['-e', script], { signal: abort.signal });
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/^\d+$/), 10_000);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await vi.waitFor(() =>
      expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH'),
    );
    rmSync(dirname(file), { recursive: true });
  });
});
