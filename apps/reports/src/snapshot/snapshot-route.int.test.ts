import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHttpServer, type HttpServer } from '@seguridad-abc/platform';
import { eventually, recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { getReadModelFormat } from '../db/reports-database.js';
import { serveSnapshot } from './snapshot-route.js';
import { createSnapshots, type Snapshots } from './snapshots.js';

/** Their megabytes are more than a connection holds of what its client does not read. */
const ROWS = 30_000;
/** Threads take seconds to start on a busy machine. */
const START_TIMEOUT_MS = 40_000;
vi.setConfig({ testTimeout: 60_000 });
const TIMING = { keepMs: 10, maxAgeMs: 60_000 };

let folder: ReturnType<typeof temporaryFolder>;
let database: Database.Database;
let snapshots: Snapshots;
let http: HttpServer;
let logId = 'log-1';
const getFile = (name: string) => join(folder.path, name);
const getPort = () => (http.server.address() as AddressInfo).port;

beforeEach(() => {
  folder = temporaryFolder();
  database = new Database(getFile('reports.sqlite'));
  database.exec(`create table checkpoint (log_id text, position integer); insert into checkpoint values ('log-1', 7);
    create table doors (name text);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
      insert into doors select printf('%01000d', i) from n`);
});
afterEach(async () => {
  await snapshots.discard();
  http.server.closeAllConnections();
  await http.close();
  database.close();
  folder.remove();
});

async function serve(timing = TIMING, stalledMs?: number): Promise<void> {
  logId = 'log-1';
  const { logger } = recordLogs();
  snapshots = createSnapshots({
    readModelFile: getFile('reports.sqlite'),
    snapshotFile: getFile('reports.snapshot.sqlite'),
    minFreeBytes: 0,
    timing,
    logger,
  });
  http = createHttpServer({
    service: 'test',
    host: '127.0.0.1',
    port: 0,
    readiness: () => ({ ready: true, checks: {} }),
    identity: { isAcceptedHost: () => true, isFromInstallation: () => true },
    logger,
  });
  serveSnapshot({
    app: http.app,
    snapshots,
    identity: { assertFromInstallation: () => undefined },
    findUnfitness: () => undefined,
    getLogId: () => logId,
    stalledMs,
    logger,
  });
  await http.listen();
}

const getPath = () => `/snapshot?format=${getReadModelFormat()}&log=${logId}`;
const hasSnapshot = () => existsSync(getFile('reports.snapshot.sqlite'));
const request = () =>
  eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${getPort()}${getPath()}`);
    if (response.status === 202) await response.body?.cancel();
    expect(response.status).toBe(200);
    return response;
  }, START_TIMEOUT_MS);

test('a client that stops reading does not keep the snapshot', async () => {
  await serve(TIMING, 200);
  const response = await request();
  await eventually(() => expect(hasSnapshot()).toBe(false), START_TIMEOUT_MS);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

test('a discarded snapshot breaks off its downloads', async () => {
  await serve();
  const response = await request();
  const reader = response.body?.getReader();
  await reader?.read();
  await snapshots.discard();
  await expect(
    (async () => {
      while (!(await reader?.read())?.done);
    })(),
  ).rejects.toThrow();
});

test('a snapshot of the former log is discarded, and a new one is made', async () => {
  await serve({ ...TIMING, keepMs: 60_000 });
  await (await request()).arrayBuffer();
  database.exec(`update checkpoint set log_id = 'log-2'`);
  logId = 'log-2';
  const response = await request();
  expect(response.headers.get('x-snapshot-log')).toBe('log-2');
  await response.arrayBuffer();
});
