import { recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHistoryReader } from '../db/history-reader.js';
import { createHistoryStore } from '../db/history-store.js';
import { openHeartbeatDatabase, type OpenHeartbeatDatabase } from '../db/open.js';
import type { Transition } from '../domain/transition.js';
import { createRecorder } from './recorder.js';

const MEMORY = { aliveAt: 1, services: [] };
const transition = (at: number): Transition => ({
  service: 'reports',
  from: 'UP',
  to: 'DOWN',
  at,
  reason: 'silent',
});

let folder: ReturnType<typeof temporaryFolder>;
let database: OpenHeartbeatDatabase;
beforeEach(() => {
  folder = temporaryFolder();
  database = openHeartbeatDatabase(folder.path);
});
afterEach(() => {
  database.close();
  folder.remove();
});
const written = async () =>
  (await createHistoryReader(database.db).since(['reports'], -1)).get('reports')?.map(({ at }) => at);

it('what cannot be written is said once, kept, and written in order once it can be', async () => {
  const { logger, lines } = recordLogs();
  const recorder = createRecorder(createHistoryStore(database.db), logger);
  recorder.record([transition(1)], MEMORY);
  await recorder.settled();
  expect(recorder.fault).toBeUndefined();

  database.db.$client.exec('alter table transitions rename to gone');
  recorder.record([transition(2)], MEMORY);
  await recorder.settled();
  recorder.record([transition(3)], MEMORY);
  await recorder.settled();
  expect(recorder.fault).toMatch(/^the history of health cannot be written: .*transitions/);

  database.db.$client.exec('alter table gone rename to transitions');
  recorder.record([], MEMORY);
  await recorder.settled();
  expect(recorder.fault).toBeUndefined();
  expect(await written()).toStrictEqual([1, 2, 3]);
  expect(lines.map(({ level, msg }) => `${level}: ${msg}`)).toStrictEqual([
    'error: the history of health cannot be written',
    'info: the history of health is written again',
  ]);
});

it('what comes while it writes is written too', async () => {
  const recorder = createRecorder(createHistoryStore(database.db), recordLogs().logger);
  for (const at of [1, 2, 3]) recorder.record([transition(at)], MEMORY);
  await recorder.settled();
  expect(await written()).toStrictEqual([1, 2, 3]);
});
