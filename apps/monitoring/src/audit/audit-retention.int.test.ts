import { auditQuerySchema, type AuditQuery } from '@seguridad-abc/contracts';
import { createAuditVerifier, createLogger } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSql } from '../db/prepared-statement.js';
import { acceptErasure } from '../testing/accept-erasure.js';
import { dropAuditTrigger } from '../testing/drop-audit-trigger.js';
import { createTestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { startAuditRetention } from './audit-retention.js';

const clock = createTestClock('2026-01-31T08:00:00.000Z');
let test: TestStorage;
beforeEach(async () => {
  clock.set('2026-01-31T08:00:00.000Z');
  test = await openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

const DAY = 86_400;
const append = (count: number, actor = 'ana') =>
  test.storage.appendAuditEntries(
    Array.from({ length: count }, (_, index) => ({
      action: `action ${index}`,
      outcome: 'FORBIDDEN',
      role: 'customer' as const,
      actor,
      address: null,
      userId: actor,
      subject: null,
    })),
  );
const read = (query: Partial<AuditQuery> = {}) =>
  test.storage.auditTrail.readPage(auditQuerySchema.parse({ order: 'ascending', limit: 1_000, ...query }));
/** Deletes what is older than 30 days. */
const prune = (isStopped?: () => boolean) =>
  test.storage.pruneAuditTrail(
    new Date(Date.parse(clock.now()) - 30 * DAY * 1_000).toISOString(),
    30,
    isStopped,
  );

async function verify() {
  const { entries } = await read();
  const verifier = createAuditVerifier();
  const problems = entries.flatMap((entry) => verifier.verify(entry));
  return [...problems, ...verifier.verifyStart(), ...(await test.storage.auditTrail.verifyEnds())];
}

describe('the retention of the audit trail', () => {
  it('deletes old entries in slices, records it, and keeps the rest verifiable', async () => {
    await append(450, 'ana-lopez-77');
    const [{ hash } = { hash: '' }] = (await read({ order: 'descending', limit: 1 })).entries;
    clock.advance(20 * DAY);
    await append(5, 'bob');
    clock.advance(11 * DAY);
    await prune();
    const page = await read();
    expect(page.pruned).toEqual({ sequence: 450, hash });
    expect(page.entries.map(({ sequence }) => sequence)).toEqual([451, 452, 453, 454, 455, 456]);
    expect(page.entries[0]?.previousHash).toBe(hash);
    expect(page.entries.at(-1)).toMatchObject({
      action: 'pruneAuditTrail',
      outcome: 'ACCEPTED',
      actor: { id: 'monitoring' },
      subject: { id: `450:${hash}`, after: { retentionDays: 30 } },
    });
    expect(await verify()).toEqual([]);
    expect(await read({ user: 'ana-lopez-77' })).toMatchObject({ entries: [], hasMore: false });
    expect((await read({ until: clock.now() })).entries).toHaveLength(5);

    await prune();
    expect((await read()).head).toBe(456);
    await append(1, 'eve');
    expect(await verify()).toEqual([]);
  });

  it('keeps its own record if everything is old, and goes on after it', async () => {
    await append(3);
    clock.advance(31 * DAY);
    await prune();
    expect((await read()).entries.map(({ action }) => action)).toEqual(['pruneAuditTrail']);
    clock.advance(31 * DAY);
    await append(1);
    await prune();
    expect((await read()).entries.map(({ sequence }) => sequence)).toEqual([5, 6]);
    expect(await verify()).toEqual([]);
  });

  it('verifies after an interruption, and continues', async () => {
    await append(500);
    clock.advance(31 * DAY);
    await append(1);
    let slices = 0;
    await prune(() => slices++ > 0);
    expect((await read()).entries[0]?.sequence).toBe(201);
    expect(await verify()).toEqual([]);
    await test.reopen();
    expect(await verify()).toEqual([]);
    await prune();
    expect((await read()).entries.map(({ sequence }) => sequence)).toEqual([501, 502, 503]);
    expect(await verify()).toEqual([]);
  });

  it.each([
    'delete from audit_entries where sequence = 3',
    'delete from audit_pruning',
    `update audit_pruning set sequence = 4`,
    `update audit_pruning set sequence = 2, hash = (select hash from audit_entries where sequence = 3)`,
    `insert into audit_pruning values (1, 3, 'x')`,
  ])('refuses: %s', async (statement) => {
    await append(2);
    clock.advance(31 * DAY);
    await append(2);
    await prune();
    await expect(runSql(test.db, sql.raw(statement))).rejects.toThrow(/audit trail|what was pruned/);
    expect(await verify()).toEqual([]);
  });

  it('notices that further entries at the beginning are missing', async () => {
    await append(2);
    clock.advance(31 * DAY);
    await append(200);
    await prune();
    await dropAuditTrigger(test, 'audit_entries_are_kept');
    await runSql(test.db, sql`delete from audit_entries where sequence < 6`);
    const problem = 'The entries 3 to 5 are missing.';
    expect(await test.storage.auditTrail.verifyEnds()).toEqual([{ sequence: 6, problem }]);
    expect(await verify()).toContainEqual({
      sequence: 5,
      problem: 'The entries 1 to 5 are missing, and the trail does not record that they were pruned.',
    });
  });

  it('lets an erasure clear entries that are left', async () => {
    await append(2, 'ana-lopez-77');
    clock.advance(31 * DAY);
    await append(2, 'ana-lopez-77');
    await prune();
    test.storage.erasures.start({
      waitUntilRelayed: () => Promise.resolve(true),
      rewrite: () => Promise.resolve(),
    });
    const erasure = await acceptErasure(test, 'ana-lopez-77');
    expect(await erasure.waitUntilComplete(20_000)).toBe(true);
    await test.storage.erasures.stop();
    expect((await read({ user: 'ana-lopez-77' })).entries).toEqual([]);
    expect(await verify()).toEqual([]);
  });

  it('runs at the start, and does nothing without a limit', async () => {
    await append(2);
    clock.advance(2 * DAY);
    const start = (retentionDays: number) =>
      startAuditRetention({
        retentionDays,
        onElected(listener) {
          listener();
          return () => undefined;
        },
        prune: (...args) => test.storage.pruneAuditTrail(...args),
        now: clock.now,
        logger: createLogger('monitoring', 'silent'),
      });
    await start(0)();
    expect((await read()).pruned).toBeNull();
    const stop = start(1);
    await expect.poll(async () => (await read()).pruned?.sequence).toBe(2);
    await stop();
  });
});
