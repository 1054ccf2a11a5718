import { afterEach, expect, test, vi } from 'vitest';
import { parseToolArguments } from './run-tool.mjs';

const TOOL = {
  usage: 'how to',
  options: /** @type {const} */ ({ count: { type: 'string' } }),
  positionals: 1,
};
afterEach(() => void vi.restoreAllMocks());

test('returns options and arguments', () => {
  const { values, positionals } = parseToolArguments(TOOL, ['--count', '3', '-']) ?? {};
  expect(values?.count).toBe('3');
  expect(positionals).toEqual(['-']);
});

test('prints the usage for --help', () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(parseToolArguments(TOOL, ['-h'])).toBeUndefined();
  expect(log).toHaveBeenCalledWith('how to');
});

test.each([
  [['--nothing', 'x'], "Unknown option '--nothing'. See --help."],
  [['--count'], "Option '--count <value>' argument missing. See --help."],
  [[], 'Expected arguments: 1; received: 0. See --help.'],
  [['a', 'b'], 'Expected arguments: 1; received: 2. See --help.'],
])('rejects %j', (args, message) => {
  expect(() => parseToolArguments(TOOL, args)).toThrow(message);
});
