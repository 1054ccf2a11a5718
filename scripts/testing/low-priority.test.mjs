import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runAtLowPriority } from './low-priority.mjs';

const { signal } = new AbortController();
const run = (/** @type {string} */ script) =>
  runAtLowPriority([process.execPath, '-p', script, 'an argument'], signal);

test('a command has the lowest priority, and its arguments', async () => {
  const { code, output } = await run(`os.getPriority() + ' ' + process.argv.at(-1)`);
  expect({ code, output }).toEqual({ code: 0, output: '19 an argument\n' });
});

test.skipIf(!existsSync('/proc/self/autogroup'))('its session has the lowest priority too', async () => {
  const { output } = await run(`fs.readFileSync('/proc/self/autogroup', 'utf8')`);
  expect(output).toMatch(/ nice 19$/m);
});

test('the exit code and all output are those of the command', async () => {
  const { code, output } = await run(`console.log('out'); console.error('error'); process.exit(3)`);
  expect(code).toBe(3);
  expect(output.split('\n').sort()).toEqual(['', 'error', 'out']);
});
