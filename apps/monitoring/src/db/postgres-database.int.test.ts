import { createLogger, queryRows } from '@seguridad-abc/platform';
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

it('keeps the sessions that work when new connections are slow', async () => {
  const proxy = await startFreezingProxy(server.port);
  onTestFinished(() => proxy.close());
  const url = (await server.createDatabase()).replace(String(server.port), String(proxy.port));
  const database = await openPostgresMonitoringDatabase({ url, logger });
  onTestFinished(() => database.close());
  const use = (db: MonitoringDrizzle) => runSql(db, sql`select 1`);
  await use(database.db);
  const [signals] = await queryRows<{ pid: number }>(database.control, sql`select pg_backend_pid() as pid`);
  // Longer than the lease waits for a new connection, and shorter than the others do.
  proxy.delayNewConnections(2_200);
  const { connectionCount } = proxy;
  const working = runSql(database.db, sql`select pg_sleep(5)`);
  await server.run(`select pg_terminate_backend(${signals?.pid ?? 0})`);
  await expect.poll(() => database.tryWrite().catch(String)).toContain('timeout expired');
  const reading = use(database.reader);
  await working;
  await reading;
  // The session of the writer is still the first one, and the lease has failed again and again.
  expect(proxy.connectionCount).toBeGreaterThan(connectionCount + 1);
  proxy.delayNewConnections(0);
  await expect.poll(() => database.tryWrite()).toBeUndefined();
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
  // Without a check of the host, both would wait until their timeout of 12 s, with another message.
  const waiting = Promise.all(
    [database.db, database.reader].map((db) =>
      expect(use(db)).rejects.toThrow('The connection to PostgreSQL was lost: Connection terminated'),
    ),
  );
  await expect(database.tryWrite()).rejects.toThrow('Query read timeout');
  await waiting;
  await expect.poll(() => use(database.db).catch(String)).toContain('it does not answer');
  const { connectionCount } = proxy;
  await expect(use(database.db)).rejects.toThrow('it does not answer');
  expect(proxy.connectionCount).toBe(connectionCount);
  proxy.thaw();
  await database.tryWrite();
  expect(await use(database.db)).toBe(1);
});
