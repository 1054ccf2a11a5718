import { expect, test, vi } from 'vitest';
import type { CommandHost } from './command-line/command-host.js';
import { COMMAND_NAMES } from './commands/command-summaries.js';
import { createParser } from './main.js';

const host: CommandHost = { run: () => Promise.resolve() };

/** Parses a command line whose command does nothing. @returns what yargs prints */
async function parse(...args: string[]): Promise<string> {
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
  [
    ['import'],
    'The argument <file> is missing. For example:\n  npm run import -- examples/rules.csv --user ana\nSee npm run import -- --help.',
  ],
  [['import', 'a.csv', 'b.csv'], 'There are too many arguments: b.csv. See npm run import -- --help.'],
  [
    ['import', 'a.csv', '--nope'],
    'import has no option --nope: it has --user, --effective-from, --json, --url. See',
  ],
  [['import', '--nope', 'a.csv'], 'import has no option --nope: it has --user,'],
  [['import', '--no-pe', 'a.csv', '--or'], 'import has no option --no-pe, --or: it has --user,'],
  [
    ['token', '--user', 'ana', '--rol', 'device'],
    'token has no option --rol: it has --user, --role, --device, --openings, --scope, --policies, --ttl. See',
  ],
  [['demo', '--fast'], 'demo has no option --fast. See npm run demo -- --help.'],
  [['import', 'a.csv', '--user'], 'The option --user needs a value. See npm run import -- --help.'],
  [['export', 'doors'], 'The value of list is "doors", but must be one of "alarms", "rules". See'],
  [
    ['token', '--user', 'ana', '--role', 'boss'],
    'The value of role is "boss", but must be one of "customer",',
  ],
  [
    ['token', '--user', 'ana'],
    'token needs --role. For example:\n  npm run -s token -- --user ana --role customer\nSee npm run token -- --help.',
  ],
  [
    ['token'],
    'token needs --user, --role. For example:\n  npm run -s token -- --user ana --role customer\nSee',
  ],
])('%j is wrong usage', async (args, message) => {
  await expect(parse(...args)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(message) as unknown,
  });
});

test('an option without -- before it, which npm has taken, is wrong usage', async () => {
  const env = { npm_lifecycle_event: 'token', npm_config_role: 'true' };
  await expect(createParser(['token', 'customer'], host, env)).rejects.toThrow(
    'npm has taken --role for itself: put -- before the arguments. For example:\n  npm run -s token -- --user ana --role customer',
  );
});

test.each([
  [['import', '-', '--user', 'ana'], { file: '-', user: 'ana', json: false }],
  [['replay', '--speed', '60', '-'], { file: '-', speed: '60' }],
  [['import', 'a.csv', '--user', '5', '--user', '007'], { file: 'a.csv', user: '007' }],
  [['export', 'rules', '--no-bom'], { list: 'rules', noBom: true }],
  [['calendar', 'import', '-', '--name', '5'], { action: 'import', file: '-', name: '5', dryRun: false }],
  [['calendar', 'import', '--name', 'Holidays', 'a.ics'], { file: 'a.ics', name: 'Holidays' }],
  [['maintenance'], {}],
  [['maintenance', 'reports', 'on', '--reason', ''], { service: 'reports', action: 'on', reason: '' }],
])('%j is parsed', async (args, expected) => {
  const parser = await createParser(args, host);
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

test.each(COMMAND_NAMES)(
  'the help of %s names no setting of a port: commands find the addresses',
  async (name) => {
    const help = await parse(name, '--help');
    expect(help).toContain('Exit codes:');
    expect(help).not.toMatch(/_PORT\b/);
  },
);
