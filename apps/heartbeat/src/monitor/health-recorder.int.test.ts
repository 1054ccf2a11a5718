import { recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHeartbeatDatabase, type HeartbeatDatabase } from '../db/heartbeat-database.js';
import type { RecordedTransition } from '../db/health-repositories.js';
import { createHealthHistoryRepository } from '../db/sql-health-repositories.js';
import { createHealthRecorder } from './health-recorder.js';

const SAVED_HEALTH = { aliveAt: 1, services: [] };
const createTransition = (at: number): RecordedTransition => ({
  id: `1-${at}`,
  service: 'reports',
  from: 'UP',
  to: 'DOWN',
  at,
  reason: 'silent',
});

let folder: ReturnType<typeof temporaryFolder>;
let database: HeartbeatDatabase;
beforeEach(() => {
  folder = temporaryFolder();
  database = openHeartbeatDatabase(folder.path);
});
afterEach(() => {
  database.close();
  folder.remove();
});
const findWritten = async () =>
  (await createHealthHistoryRepository(database.store).findSince(['reports'], -1))
    .get('reports')
    ?.map(({ at }) => at);

it('logs a failing write once, and writes all transitions in order when the disk works again', async () => {
  const { logger, lines } = recordLogs();
  const recorder = createHealthRecorder(createHealthHistoryRepository(database.store), logger);
  recorder.record([createTransition(1)], SAVED_HEALTH);
  await recorder.waitForWrites();
  expect(recorder.writeError).toBeUndefined();

  database.db.$client.exec('alter table transitions rename to gone');
  recorder.record([createTransition(2)], SAVED_HEALTH);
  await recorder.waitForWrites();
  recorder.record([createTransition(3)], SAVED_HEALTH);
  await recorder.waitForWrites();
  expect(recorder.writeError).toMatch(/^the health history cannot be written: .*transitions/);

  database.db.$client.exec('alter table gone rename to transitions');
  recorder.record([], SAVED_HEALTH);
  await recorder.waitForWrites();
  expect(recorder.writeError).toBeUndefined();
  expect(await findWritten()).toStrictEqual([1, 2, 3]);
  expect(lines.map(({ level, msg }) => `${level}: ${msg}`)).toStrictEqual([
    'error: the health history cannot be written',
    'info: the health history is written again',
  ]);
});

it('writes transitions that arrive during a write', async () => {
  const recorder = createHealthRecorder(createHealthHistoryRepository(database.store), recordLogs().logger);
  for (const at of [1, 2, 3]) recorder.record([createTransition(at)], SAVED_HEALTH);
  await recorder.waitForWrites();
  expect(await findWritten()).toStrictEqual([1, 2, 3]);
});
