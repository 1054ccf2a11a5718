import { createLogger, runInTransaction } from '@seguridad-abc/platform';
import { startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scheduleReevaluationIfZoneDataChanged } from '../evaluation/time-zone-data-change.js';
import type { GroupCommit } from './group-commit.js';
import { createOutbox } from './outbox.js';
import { openPostgresMonitoringDatabase } from './postgres-database.js';
import { getTables } from './schema.js';

let server: TestPostgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());

const logger = createLogger('monitoring', 'silent');

it('several instances that start at once migrate the database once', async () => {
  const url = await server.createDatabase();
  const opened = await Promise.all(
    Array.from({ length: 4 }, () => openPostgresMonitoringDatabase({ url, logger })),
  );
  await opened[0]!.tryWrite();
  await Promise.all(opened.map((database) => database.close()));
  expect(true).toBe(true);
});

it('several instances that start at once on a new database give the log one id, and store the zone data once', async () => {
  const url = await server.createDatabase();
  const opened = await Promise.all(
    Array.from({ length: 4 }, () => openPostgresMonitoringDatabase({ url, logger })),
  );
  await Promise.all(opened.map((database) => createOutbox(database)));
  await Promise.all(
    opened.map(({ db }) => {
      const transact = (work: () => Promise<void>) => runInTransaction(db, work);
      return scheduleReevaluationIfZoneDataChanged(db, transact as unknown as GroupCommit, '2026a', 0);
    }),
  );
  const { reader } = opened[0]!;
  const { eventLogIdentity, timeZoneDataVersion } = getTables(reader);
  expect(await reader.select().from(eventLogIdentity)).toHaveLength(1);
  expect(await reader.select().from(timeZoneDataVersion)).toEqual([{ version: '2026a' }]);
  await Promise.all(opened.map((database) => database.close()));
});
