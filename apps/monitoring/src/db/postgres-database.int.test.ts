import { createLogger } from '@seguridad-abc/platform';
import { startFreezingProxy, startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { openPostgresMonitoringDatabase } from './postgres-database.js';
import { runSql } from './prepared-statement.js';

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

it('fails the statements that wait for a vanished host once it has found another one', async () => {
  const proxies = [await startFreezingProxy(server.port), await startFreezingProxy(server.port)] as const;
  for (const proxy of proxies) onTestFinished(() => proxy.close());
  const hosts = proxies.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const url = (await server.createDatabase()).replace(`127.0.0.1:${server.port}`, hosts);
  const database = await openPostgresMonitoringDatabase({ url, logger });
  onTestFinished(() => database.close());
  const use = (db: MonitoringDrizzle) => runSql(db, sql`select 1`);
  await Promise.all([use(database.db), database.tryWrite()]);
  proxies[0].freezeOpenConnections();
  const waiting = expect(use(database.db)).rejects.toThrow('Connection terminated');
  await expect(database.tryWrite()).rejects.toThrow('was lost');
  await database.tryWrite();
  await waiting;
  expect(await use(database.db)).toBe(1);
});

it('fails the statements that wait for the only host when new connections to it get no answer either', async () => {
  const proxy = await startFreezingProxy(server.port);
  onTestFinished(() => proxy.close());
  const url = (await server.createDatabase()).replace(String(server.port), String(proxy.port));
  const database = await openPostgresMonitoringDatabase({ url, logger });
  onTestFinished(() => database.close());
  const use = (db: MonitoringDrizzle) => runSql(db, sql`select 1`);
  await Promise.all([use(database.db), use(database.reader), database.tryWrite()]);
  proxy.freeze();
  // Without the second connection, both would wait until a timeout of their own, with another message.
  const waiting = Promise.all(
    [database.db, database.reader].map((db) =>
      expect(use(db)).rejects.toThrow('The connection to PostgreSQL was lost: Connection terminated'),
    ),
  );
  await expect(database.tryWrite()).rejects.toThrow('Query read timeout');
  await expect(database.tryWrite()).rejects.toThrow('timeout expired');
  await waiting;
  const { connectionCount } = proxy;
  await expect(use(database.db)).rejects.toThrow('it does not answer');
  expect(proxy.connectionCount).toBe(connectionCount);
  proxy.thaw();
  await database.tryWrite();
  expect(await use(database.db)).toBe(1);
});
