import { afterEach, expect, test, vi } from 'vitest';
import { parseTool } from './parse-tool.mjs';

const TOOL = {
  usage: 'how to',
  options: /** @type {const} */ ({ count: { type: 'string' } }),
  positionals: 1,
};
afterEach(() => void vi.restoreAllMocks());

test('gives options and arguments', () => {
  const { values, positionals } = parseTool(TOOL, ['--count', '3', '-']) ?? {};
  expect(values?.count).toBe('3');
  expect(positionals).toEqual(['-']);
});

test('prints the usage where help is wanted', () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(parseTool(TOOL, ['-h'])).toBeUndefined();
  expect(log).toHaveBeenCalledWith('how to');
});

test.each([
  [['--nothing', 'x'], "Unknown option '--nothing': see --help."],
  [['--count'], "Option '--count <value>' argument missing: see --help."],
  [[], 'Arguments due: 1; given: 0. See --help.'],
  [['a', 'b'], 'Arguments due: 1; given: 2. See --help.'],
])('refuses %j in one sentence', (args, sentence) => {
  expect(() => parseTool(TOOL, args)).toThrow(sentence);
});
