import { createLogger } from '@seguridad-abc/platform';
import { startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgresMonitoringDatabase } from './postgres-database.js';

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
