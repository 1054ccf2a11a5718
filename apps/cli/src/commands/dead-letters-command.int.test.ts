import { afterEach, expect, test } from 'vitest';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.js';
import { runServiceCommand } from '../testing/run-service-command.js';
import { SECRET_HEADERS } from '../testing/service-context.js';

let reports: RecordingServer;
afterEach(() => reports.close());

const deadLetter = (position: number, cause: string) => ({
  entry: {
    logId: 'log-1',
    position,
    type: 'RuleCreated',
    version: 1,
    at: '2026-11-29T08:00:00.000Z',
    actor: null,
    data: { rule: position },
  },
  cause,
  attempts: 3,
  setAsideAt: '2026-11-29T08:00:01.000Z',
});
const DEAD_LETTERS = [deadLetter(7, 'poison\u001B[2J'), deadLetter(9, 'other')];

/** Answers as reports with two dead letters. */
async function startReports(failed = 0) {
  reports = await startRecordingServer(({ url = '', method }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://reports');
    const after = Number(searchParams.get('after'));
    if (pathname === '/ready') response.end('{"service":"reports","ready":true}');
    else if (method === 'PUT') response.end(JSON.stringify({ applied: 2, failed }));
    else if (method === 'DELETE')
      response.end(JSON.stringify({ dropped: searchParams.get('positions') === '7,9' ? 2 : 0 }));
    else
      response.end(
        JSON.stringify({ count: 2, deadLetters: DEAD_LETTERS.filter(({ entry }) => entry.position > after) }),
      );
  });
}

/** Runs `npm run dead-letters`. */
const run = (...args: string[]) => runServiceCommand(reports.port, ['dead-letters', ...args]);

test('lists the dead letters with their causes, and shows one', async () => {
  await startReports();
  const { code, output } = await run();
  expect(code).toBe(0);
  expect(output.split('\n').map((line) => line.trim())).toEqual([
    'position  event           set aside                 attempts  cause',
    '7  RuleCreated v1  2026-11-29T08:00:01.000Z         3  poison\\u001b[2J',
    '9  RuleCreated v1  2026-11-29T08:00:01.000Z         3  other',
  ]);
  const shown = await run('show', '9');
  expect(JSON.parse(shown.output)).toEqual(DEAD_LETTERS[1]);
  expect(await run('show', '8')).toEqual({ code: 3, output: 'No log entry is set aside at position 8.' });
  expect(reports.requests.filter(({ path }) => path !== '/ready')).toMatchObject(
    reports.requests.filter(({ path }) => path !== '/ready').map(() => ({ headers: SECRET_HEADERS })),
  );
});

test('retries and drops dead letters', async () => {
  await startReports();
  expect(await run('retry')).toEqual({ code: 0, output: '2 applied, 0 still set aside.' });
  expect(await run('drop', '7,9')).toEqual({ code: 0, output: '2 dropped.' });
  expect(await run('drop', '8')).toMatchObject({ code: 3 });
  expect(reports.requests.map(({ path }) => path).filter((path) => path !== '/ready')).toEqual([
    '/dead-letters/retry',
    '/dead-letters?positions=7%2C9',
    '/dead-letters?positions=8',
  ]);
  await reports.close();
  await startReports(1);
  expect(await run('retry', '7')).toEqual({ code: 1, output: '2 applied, 1 still set aside.' });
});

test('addresses one of several instances', async () => {
  await startReports();
  const instance = `http://127.0.0.1:${reports.port}`;
  const runElsewhere = (...args: string[]) => runServiceCommand('1', ['dead-letters', ...args]);
  expect(await runElsewhere('drop', '7,9', '--instance', `${instance}/`)).toEqual({
    code: 0,
    output: '2 dropped.',
  });
  await expect(runElsewhere()).rejects.toThrow('http://127.0.0.1:1 does not answer');
  await expect(runElsewhere('--instance', 'reports-2:4002')).rejects.toThrow(
    'must be a base URL like http://reports-2:4002',
  );
});

test.each([
  [['show'], 'The action show needs the positions of entries.'],
  [['drop'], 'The action drop needs the positions of entries.'],
  [['list', '7'], 'The action list takes no positions'],
  [['retry', '7,x'], 'must be log positions'],
])('%j is wrong usage', async (args, message) => {
  await startReports();
  await expect(run(...args)).rejects.toThrow(message);
});
