import { freePort } from '@seguridad-abc/platform/testing';
import { afterEach, expect, test } from 'vitest';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.js';
import { runServiceCommand } from '../testing/run-service-command.js';
import { SECRET_HEADERS } from '../testing/service-context.js';

let monitoring: RecordingServer;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await monitoring.close();
});

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

test('asks the instances of MONITORING_URL until one leads', async () => {
  await startMonitoring({ result: RESULT });
  const follower = await startRecordingServer(({ url = '' }, response) => {
    if (url.startsWith('/ready')) response.end('{"service":"monitoring","ready":true}');
    else response.writeHead(409).end('{"errors":[],"leads":false}');
  });
  closers.push(() => follower.close());
  const away = `http://127.0.0.1:${await freePort()}`;
  const runAt = (...urls: string[]) =>
    runServiceCommand('1', ['compact'], { MONITORING_URL: urls.join(', ') });
  expect(await runAt(away, follower.origin, monitoring.origin)).toMatchObject({
    code: 0,
    output: expect.stringContaining('Removed the history') as string,
  });
  // Another one than the leader does not know how far it is.
  expect(follower.requests.map(({ path }) => path)).toEqual(['/ready', '/log/compaction']);
  await expect(runAt(away, follower.origin)).rejects.toThrow(
    /^No instance of monitoring that was asked leads\. Name all [^]*ECONNREFUSED[^]* does not lead\.$/,
  );
  await expect(runAt(away)).rejects.toThrow('does not answer (ECONNREFUSED)');
});

test.each(['monitoring', 'localhost:4001', 'redis://localhost:4001', 'http://localhost:4001/monitoring'])(
  'refuses %s in MONITORING_URL',
  async (url) => {
    await startMonitoring({});
    await expect(runServiceCommand('1', ['compact'], { MONITORING_URL: url })).rejects.toThrow(
      `MONITORING_URL has ${url}: name the instances as http://host:4001, without a path.`,
    );
  },
);

test.each(['yesterday', '2026-13-01', '2026', '2026-01-31T08:00'])(
  '--before %s is wrong usage',
  async (text) => {
    await startMonitoring({});
    await expect(run('--before', text)).rejects.toThrow('--before must be a day such as');
    expect(monitoring.requests).toEqual([]);
  },
);
