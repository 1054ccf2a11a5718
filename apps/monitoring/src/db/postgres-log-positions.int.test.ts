import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { MonitoringEvent } from '@seguridad-abc/contracts';
import { createAuditVerifier, createLogger, getSqlConnection } from '@seguridad-abc/platform';
import { startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { asc, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createAuditTrail } from '../audit/audit-trail.js';
import type { AuditRecord } from '../domain/audit-record.js';
import { createGroupCommit, GroupCommitStatistics, type GroupCommit } from './group-commit.js';
import { createOutbox } from './outbox.js';
import { openPostgresMonitoringDatabase } from './postgres-database.js';
import { runSql } from './prepared-statement.js';
import { getTables } from './schema.js';

let server: TestPostgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());

const logger = createLogger('monitoring', 'silent');
const AT = '2026-01-31T08:00:00.000Z';
const event = (userId: string): MonitoringEvent => ({
  type: 'ExceptionCancelled',
  version: 1,
  data: { userId } as never,
});

const REFUSAL: AuditRecord = {
  ...{ action: 'createRule', outcome: 'FORBIDDEN', role: 'customer', actor: 'ana' },
  ...{ address: null, userId: null, subject: null },
};

/** Opens the database as one instance of several. */
async function openInstance(url: string) {
  const database = await openPostgresMonitoringDatabase({ url, logger });
  onTestFinished(() => database.close());
  const { appends } = await createOutbox(database);
  const statistics = new GroupCommitStatistics();
  const transact: GroupCommit = createGroupCommit({ db: database.db, appends, maxGroupSize: 4, statistics });
  const { appendAuditEntry } = appends;
  return {
    ...database,
    appends,
    transact,
    statistics,
    refuse: () =>
      transact(() => {
        appendAuditEntry(REFUSAL, AT);
        return Promise.resolve();
      }),
    auditTrail: createAuditTrail({ ...database, appendAuditEntry }),
  };
}

it('instances that start at once on a new database have one log', async () => {
  for (let round = 0; round < 3; round++) {
    const url = await server.createDatabase();
    const databases = await Promise.all(
      Array.from({ length: 3 }, () => openPostgresMonitoringDatabase({ url, logger })),
    );
    for (const database of databases) onTestFinished(() => database.close());
    await Promise.all(
      databases.map(({ db }) => Promise.resolve(db.select().from(getTables(db).formerEpochs))),
    );
    await Promise.all(databases.map(createOutbox));
    const { reader } = databases[0]!;
    expect(await reader.select().from(getTables(reader).eventLogIdentity)).toHaveLength(1);
  }
});

it('the audit trail looks whole while other instances append to it', async () => {
  const url = await server.createDatabase();
  const [writer, other] = [await openInstance(url), await openInstance(url)];
  let isReading = true;
  const append = async () => {
    while (isReading) await writer.refuse();
  };
  const appended = append();
  const problems: unknown[] = [];
  for (let count = 0; count < 40; count++) {
    problems.push(...(await other.auditTrail.verifyEnds()));
    const page = await other.auditTrail.readPage({ order: 'ascending', limit: 1_000 } as never);
    const last = page.entries.at(-1)?.sequence ?? 0;
    if (!page.hasMore && page.head !== last) problems.push([page.head, last]);
  }
  isReading = false;
  await appended;
  expect(problems).toStrictEqual([]);
});

it('the entry after a wholly pruned audit trail continues its numbers', async () => {
  const url = await server.createDatabase();
  const { db, refuse, auditTrail } = await openInstance(url);
  await runSql(db, sql`update log_head set audit_sequence = 7, audit_at = null, audit_hash = 'seven'`);
  await refuse();
  expect(await auditTrail.getLastSequence()).toBe(8);
});

/** The positions are given, and the transaction stays open for a while. */
function delayCommits(db: object) {
  const connection = getSqlConnection(db);
  const control = connection.control.bind(connection);
  vi.spyOn(connection, 'control').mockImplementation(async (command) => {
    if (command === 'commit') await setTimeout(randomInt(15));
    await control(command);
  });
}

it('a reader that has seen a position never sees an earlier one appear, in whatever order instances commit', async () => {
  const url = await server.createDatabase();
  const instances = await Promise.all(Array.from({ length: 4 }, () => openInstance(url)));
  const [{ reader, auditTrail }] = instances as [(typeof instances)[0]];
  for (const { db } of instances) delayCommits(db);
  const { events } = getTables(reader);
  let isWriting = true;
  let polls = 0;
  const poll = async () => {
    while (isWriting) {
      const rows = await reader
        .select({ position: events.position })
        .from(events)
        .orderBy(asc(events.position));
      const positions = rows.map(({ position }) => position);
      expect(positions).toStrictEqual(positions.map((_, index) => index + 1));
      polls++;
    }
  };
  const write = ({ transact, appends }: (typeof instances)[0], instance: number) =>
    Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await setTimeout(randomInt(200));
        await transact(() => {
          appends.appendEvent(event(`user ${instance}`), AT, null);
          if (index % 3 === 0)
            appends.appendAuditEntry(
              {
                action: 'x',
                outcome: 'ACCEPTED',
                role: null,
                actor: null,
                address: null,
                userId: null,
                subject: null,
              },
              AT,
            );
          // Work that fails gives its positions back.
          return index % 10 === 9 ? Promise.reject(new Error('refused')) : Promise.resolve();
        }).catch(() => undefined);
      }),
    );
  const polling = poll();
  await Promise.all(instances.map(write));
  isWriting = false;
  await polling;
  expect(polls).toBeGreaterThan(10);
  const rows = await reader.select({ position: events.position }).from(events).orderBy(asc(events.position));
  expect(rows.at(-1)?.position).toBe(4 * 36);
  const page = await auditTrail.readPage({ order: 'ascending', limit: 1_000 } as never);
  expect(page.entries).toHaveLength(4 * 12);
  const verifier = createAuditVerifier();
  expect(page.entries.flatMap((entry) => verifier.verify(entry))).toEqual([]);
  expect(await auditTrail.verifyEnds()).toEqual([]);
});

it('measures how long a transaction waits for the head of the log, and how long it has it', async () => {
  const url = await server.createDatabase();
  const [first, second] = [await openInstance(url), await openInstance(url)];
  const countDurations = ({ statistics }: typeof first) =>
    [statistics.logHeadWaits, statistics.logHeadHolds].map(({ bucketCounts }) =>
      bucketCounts.reduce((sum, count) => sum + count, 0),
    );
  const appendEvent = ({ appends }: typeof first) => {
    appends.appendEvent(event('ana'), AT, null);
    return Promise.resolve();
  };
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const holding = first.transact(async () => {
    await appendEvent(first);
    await first.appends.flush();
    await released;
  });
  await expect.poll(() => first.appends.headLock).toBeDefined();
  const waiting = second.transact(() => appendEvent(second));
  await expect
    .poll(async () => (await server.run('select 1 from pg_locks where not granted')).rowCount)
    .toBe(1);
  const seenAt = performance.now();
  await setTimeout(50);
  const waitedMs = performance.now() - seenAt;
  release();
  await Promise.all([holding, waiting]);
  expect(second.statistics.logHeadWaits.sumSeconds * 1_000).toBeGreaterThan(waitedMs);
  expect(first.statistics.logHeadHolds.sumSeconds * 1_000).toBeGreaterThan(waitedMs);
  // The wait is no part of the hold.
  expect(second.statistics.logHeadHolds.sumSeconds).toBeLessThan(second.statistics.durations.sumSeconds);
  expect(first.statistics.logHeadWaits.sumSeconds).toBeLessThan(first.statistics.logHeadHolds.sumSeconds);
  expect([countDurations(first), countDurations(second)]).toStrictEqual([
    [1, 1],
    [1, 1],
  ]);

  // A transaction without an event does not take the head, and one that was rolled back gives it back.
  await first.transact(() => Promise.resolve());
  await expect(
    first.transact(async () => {
      await appendEvent(first);
      await first.appends.flush();
      throw new Error('refused');
    }),
  ).rejects.toThrow('refused');
  expect(countDurations(first)).toStrictEqual([1, 1]);
});
