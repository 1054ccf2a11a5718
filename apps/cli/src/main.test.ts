import { expect, test, vi } from 'vitest';
import type { CommandHost } from './command-line/command-host.js';
import { createParser } from './main.js';

/** Parses a command line whose command does nothing. @returns what yargs prints */
async function parse(...args: string[]): Promise<string> {
  const host: CommandHost = { run: () => Promise.resolve() };
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.join(' '));
  });
  try {
    const parser = await createParser(args, host);
    await parser.parseAsync();
  } finally {
    log.mockRestore();
  }
  return lines.join('\n');
}

test.each([
  [['foo'], 'There is no command "foo": use one of import, replay,'],
  [[], 'Name a command: import, replay,'],
  [['import'], 'Not enough non-option arguments: got 0, need at least 1. See --help.'],
  [['import', 'a.csv', 'b.csv'], 'Unknown argument: b.csv. See --help.'],
  [['import', 'a.csv', '--nope'], 'Unknown argument: nope. See --help.'],
  [['import', '--nope', 'a.csv'], 'Unknown argument: nope. See --help.'],
  [['import', '--no-pe', 'a.csv', '--or'], 'Unknown arguments: no-pe, or. See --help.'],
  [['token', '--user', 'ana', '--rol', 'device'], 'Unknown argument: rol. See --help.'],
  [['import', 'a.csv', '--user'], 'Not enough arguments following: user. See --help.'],
  [['export', 'doors'], 'Given: "doors", Choices: "alarms", "rules". See --help.'],
  [['token', '--user', 'ana', '--role', 'boss'], 'Given: "boss", Choices: "customer", "operator", "device"'],
  [['token', '--user', 'ana'], 'Missing required argument: role. See --help.'],
])('%j is wrong usage', async (args, message) => {
  await expect(parse(...args)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(message) as unknown,
  });
});

test.each([
  [['import', '-', '--user', 'ana'], { file: '-', user: 'ana', json: false }],
  [['replay', '--speed', '60', '-'], { file: '-', speed: '60' }],
  [['import', 'a.csv', '--user', '5', '--user', '007'], { file: 'a.csv', user: '007' }],
  [['export', 'rules', '--no-bom'], { list: 'rules', noBom: true }],
  [['maintenance'], {}],
  [['maintenance', 'reports', 'on', '--reason', ''], { service: 'reports', action: 'on', reason: '' }],
])('%j is parsed', async (args, expected) => {
  const parser = await createParser(args, { run: () => Promise.resolve() });
  expect(await parser.parseAsync()).toMatchObject(expected);
});

test.each(['import', 'replay', 'export', 'probe', 'status', 'token', 'maintenance', 'demo', 'dev'])(
  '%s --help shows usage, exit codes and examples',
  async (name) => {
    const help = await parse(name, '--help');
    expect(help).toMatch(new RegExp(`^npm run ${name} -- `));
    expect(help).toContain('Exit codes:');
    expect(help).toContain('Examples:');
  },
);

test('the general help lists all commands', async () => {
  expect(await parse('--help')).toMatch(/npm run import +Creates a rule[^]*npm run dev /);
});

test('completes commands, options and values', async () => {
  const complete = async (...words: string[]) =>
    (await parse('--get-yargs-completions', 'seguridad-abc', ...words)).split('\n');
  expect(await complete('')).toEqual(expect.arrayContaining(['import', 'maintenance', 'completion']));
  expect(await complete('import', '--')).toEqual(expect.arrayContaining(['--user', '--effective-from']));
  expect(await complete('token', '--role', '')).toEqual(['customer', 'operator', 'device']);
});

test('the completion script has the name of the shell function', async () => {
  expect(await parse('completion')).toContain('seguridad-abc --get-yargs-completions');
});
