import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '@seguridad-abc/platform/testing';
import { hasPostgres, startPostgresPair, type TestPostgresPair } from '../harness/postgres-pair.js';

const TIMEOUT_MS = 120_000;

describe.skipIf(!hasPostgres())(
  'a PostgreSQL primary with a synchronous replica (skipped without PostgreSQL)',
  () => {
    let pair: TestPostgresPair;
    beforeAll(async () => {
      pair = await startPostgresPair({ isSynchronous: true });
    }, TIMEOUT_MS);
    afterAll(() => pair.close(), TIMEOUT_MS);

    test(
      'a commit is confirmed when the replica has it, and survives a crash of the primary',
      async () => {
        expect(pair.url).toMatch(
          new RegExp(
            `^postgresql://seguridad:.+@127.0.0.1:${pair.ports.primary},127.0.0.1:${pair.ports.replica}/seguridad`,
          ),
        );
        pair.query('create table events (position int)');
        pair.query('insert into events values (1)');
        expect(pair.query('select sync_state from pg_stat_replication')).toBe('sync');
        // The replica has it on disk, and shows it a moment later.
        await eventually(() => expect(pair.query('select * from events', 'replica')).toBe('1'));
        expect(() => pair.query('insert into events values (2)', 'replica')).toThrow('read-only transaction');
        await pair.killPrimary();
        await pair.startPrimary();
        expect(pair.query('select * from events')).toBe('1');
      },
      TIMEOUT_MS,
    );

    test(
      'without the replica a commit waits, also beyond statement_timeout',
      async () => {
        await pair.killReplica();
        const inserting = pair.start('set statement_timeout = 300', 'insert into events values (3)');
        // The row is visible to nobody, and the statement has taken longer than its limit: the limit does not end the wait.
        await eventually(() => {
          const [wait = '', isLate] = pair
            .query(
              "select wait_event || '|' || (now() - query_start > '1 s') from pg_stat_activity where query like 'insert into events values (3)%'",
            )
            .split('|');
          expect([wait, isLate]).toEqual(['SyncRep', 'true']);
        });
        expect(pair.query('select count(*) from events where position = 3')).toBe('0');
        await pair.startReplica();
        expect(await inserting).toBe(0);
      },
      TIMEOUT_MS,
    );

    test(
      'a promoted replica has everything that was confirmed, and accepts writes',
      async () => {
        pair.query('insert into events select generate_series(10, 1000)');
        await pair.killPrimary();
        await pair.promoteReplica();
        expect(pair.query('select count(*) from events where position >= 10', 'replica')).toBe('991');
        pair.query('insert into events values (2000)', 'replica');
      },
      TIMEOUT_MS,
    );
  },
);
