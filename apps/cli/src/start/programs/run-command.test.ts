import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '@seguridad-abc/platform/testing';
import { describe, expect, test } from 'vitest';
import { runCommand } from './run-command.js';

const { signal } = new AbortController();

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
    await eventually(() => expect(readFileSync(file, 'utf8')).toMatch(/^\d+$/));
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await eventually(() =>
      expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH'),
    );
    rmSync(dirname(file), { recursive: true });
  });
});
