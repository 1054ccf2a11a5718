import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestGateway, type TestGateway, type TestGatewayRequest } from '../testing/test-gateway.js';
import { runGatewayCommand } from '../testing/run-gateway-command.js';

interface ExceptionVariables {
  readonly userId?: string;
  readonly filter?: { readonly opening?: string };
  readonly input?: Readonly<Record<string, unknown>> & { readonly from?: string };
}

const EXCEPTION = {
  ...{ id: 'e1', openings: ['Back door'], effect: 'ALLOW', reason: 'stock-taking', createdBy: 'operator' },
  ...{ from: '2026-01-31T20:00:00.000Z', until: '2999-01-31T23:00:00.000Z', cancelledAt: null },
};

let gateway: TestGateway | undefined;
let sent: [operation: string, input: ExceptionVariables['input']][];
beforeEach(() => {
  sent = [];
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

function respond({ query, variables }: TestGatewayRequest<ExceptionVariables>): object {
  const [, operation = ''] = /(?:query|mutation) (\w+)/.exec(query) ?? [];
  const { userId, filter, input } = variables;
  if (input) sent.push([operation, input]);
  switch (operation) {
    case 'CheckAccess':
      return { data: { __typename: 'Query' } };
    case 'CreateException':
      return { data: { createException: { exception: { ...EXCEPTION, ...input, from: EXCEPTION.from } } } };
    case 'RulesOfUser':
      return { data: { user: { rules: { nodes: filter?.opening === 'Back door' ? [{ id: 'r1' }] : [] } } } };
    case 'CancelException':
      return input?.['id'] === 'e1'
        ? {
            data: {
              cancelException: { exception: { ...EXCEPTION, cancelledAt: '2026-01-31T21:00:00.000Z' } },
            },
          }
        : {
            data: null,
            errors: [{ message: 'There is no such exception.', extensions: { code: 'NOT_FOUND' } }],
          };
    default: {
      const ended = { ...EXCEPTION, id: 'e2', until: '2026-01-31T21:00:00.000Z' };
      const cancelled = { ...EXCEPTION, id: 'e3', cancelledAt: '2026-01-31T21:00:00.000Z' };
      const all = { ...EXCEPTION, id: 'e4', openings: null };
      const exceptions = [EXCEPTION, ended, cancelled, all];
      return { data: { user: userId === 'ana' ? { exceptions } : null } };
    }
  }
}

async function run(...args: string[]) {
  gateway ??= await startTestGateway(respond);
  return runGatewayCommand(gateway.port, ['exception', ...args]);
}

test('allow and suspend create an exception from now, or from a time', async () => {
  const before = Date.now();
  const allowed = await run(
    'allow',
    '--user',
    'ana',
    '--opening',
    'Back door',
    '--until',
    '3h',
    '--reason',
    'stock',
  );
  expect(allowed.code).toBe(0);
  expect(allowed.output).toMatch(
    /^id +effect +openings +from +until +by +reason\ne1 +ALLOW +Back door +2026/,
  );
  const [[, input] = []] = sent;
  expect(input).toMatchObject({ userId: 'ana', openings: ['Back door'], effect: 'ALLOW', reason: 'stock' });
  // The server replaces an instant in the past by its present time.
  expect(Date.parse(String(input?.from))).toBeLessThan(before);
  expect(Date.parse(String(input?.['until'])) - before).toBeGreaterThanOrEqual(3 * 3_600_000);

  const [from, until] = ['2999-01-01T00:00:00Z', '2999-01-02T00:00:00Z'];
  await run('suspend', '--user', 'ana', '--all', '--from', from, '--until', until, '--reason', 'test');
  expect(sent[1]?.[1]).toMatchObject({ openings: null, effect: 'SUSPEND', from, until });
});

test('a name that no rule has gets a note', async () => {
  const options = ['--user', 'ana', '--until', '3h', '--reason', 'stock'];
  expect(await run('allow', '--opening', 'Back door', ...options)).toMatchObject({ code: 0, warnings: [] });
  expect(await run('allow', '--opening', 'Back dor', ...options)).toMatchObject({
    code: 0,
    warnings: [expect.stringMatching(/^No rule of ana names the opening "Back dor": /)],
  });
});

test('list shows the exceptions that have not ended', async () => {
  const { output } = await run('list', '--user', 'ana');
  expect(output.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['id', 'effect', 'openings'],
    ['e1', 'ALLOW', 'Back door'],
    ['e4', 'ALLOW', 'all'],
  ]);
  expect((await run('list', '--user', 'bea')).output).toBe('bea has no exception.');
});

test('cancel ends an exception', async () => {
  expect(await run('cancel', 'e1')).toMatchObject({
    code: 0,
    output: 'The exception e1 ended at 2026-01-31T21:00:00.000Z.',
  });
  await expect(run('cancel', 'e9')).rejects.toThrow(
    'The exception cannot be cancelled: There is no such exception.',
  );
});

test.each([
  [['cancel'], 'exception cancel needs an id.'],
  [['list', 'e1'], 'exception list takes no id.'],
  [['list', '--all'], '--opening, --all, --from, --until and --reason do not apply to exception list.'],
  [['allow', '--until', '3h', '--reason', 'a'], 'exception allow needs --opening or --all, and not both.'],
  [['allow', '--all', '--opening', 'a', '--until', '3h', '--reason', 'a'], 'and not both.'],
  [['suspend', '--all', '--reason', 'a'], 'exception suspend needs --until and --reason.'],
  [['suspend', '--all', '--until', '3h'], 'exception suspend needs --until and --reason.'],
  [
    ['allow', '--all', '--until', '23:00', '--reason', 'a'],
    '--until must be a time with an offset, such as 2026-01-31T23:00:00-05:00, or a duration from now',
  ],
  [
    ['allow', '--all', '--until', '3h', '--from', '2026-01-31 20:00', '--reason', 'a'],
    '--from must be a time with an offset',
  ],
])('%j is wrong usage, and nothing is sent', async (args, message) => {
  await expect(run(...args)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(message) as unknown,
  });
  expect(sent).toEqual([]);
});
