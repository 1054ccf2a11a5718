import { afterEach, expect, test } from 'vitest';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.js';
import { runServiceCommand } from '../testing/run-service-command.js';
import { SECRET_HEADERS } from '../testing/service-context.js';

let monitoring: RecordingServer;
afterEach(() => monitoring.close());

const RESULT = {
  before: '2026-01-31T00:00:00.000Z',
  position: 90,
  entries: 80,
  keptEntries: 10,
  readings: 40,
  intervals: 20,
  alarms: 5,
  archive: null as string | null,
  isDryRun: false,
};

/** Answers as monitoring. It is done when it is asked the second time. */
async function startMonitoring(end: object, status = 202) {
  let asked = 0;
  monitoring = await startRecordingServer(({ url = '', method }, response) => {
    const running = { isRunning: true, result: null, error: null };
    if (url.startsWith('/ready')) response.end('{"service":"monitoring","ready":true}');
    else if (method === 'POST') response.writeHead(status).end(JSON.stringify(running));
    else response.end(JSON.stringify(++asked > 1 ? { ...running, isRunning: false, ...end } : running));
  });
}

/** Runs `npm run compact`. */
const run = (...args: string[]) => runServiceCommand(monitoring.port, ['compact', ...args]);

test('waits until monitoring is done, and prints what was removed', async () => {
  await startMonitoring({ result: { ...RESULT, archive: '/srv/log.ndjson.gz' } });
  expect(await run('--before', '2026-01-31', '--archive', '/srv')).toEqual({
    code: 0,
    output: `Removed the history from before 2026-01-31T00:00:00.000Z:
  80 entries of the event log up to position 90; its snapshot has 10
  40 readings, 20 intervals, 5 alarms
The removed entries are in /srv/log.ndjson.gz.`,
  });
  expect(monitoring.requests.slice(1)).toMatchObject(
    Array.from({ length: 3 }, () => ({ path: '/log/compaction', headers: SECRET_HEADERS })),
  );
});

test('a dry run only counts', async () => {
  await startMonitoring({ result: { ...RESULT, isDryRun: true } });
  expect((await run('--dry-run')).output).toContain('Would remove the history from before');
});

test('tells why nothing was removed', async () => {
  await startMonitoring({ error: 'History of the last 24 hours is kept.' });
  await expect(run()).rejects.toThrow('History of the last 24 hours is kept.');
  await monitoring.close();
  await startMonitoring({}, 409);
  await expect(run()).rejects.toThrow('Monitoring refuses the request with status 409');
});

test.each(['yesterday', '2026-13-01', '2026', '2026-01-31T08:00'])(
  '--before %s is wrong usage',
  async (text) => {
    await startMonitoring({});
    await expect(run('--before', text)).rejects.toThrow('--before must be a day such as');
    expect(monitoring.requests).toEqual([]);
  },
);
