import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

  test('an abort ends the program', async () => {
    const abort = new AbortController();
    const running = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});
