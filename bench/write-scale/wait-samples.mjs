import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(new URL('../../packages/platform/package.json', import.meta.url));
const driver = /** @type {unknown} */ (require('pg'));
const { Client } = /** @type {typeof import('pg')} */ (driver);

const SAMPLE_INTERVAL_MS = 20;

/**
 * Where a backend with an open transaction or a running statement is. A row of the log head that is locked shows as the lock of a
 * transaction or of a tuple: the statement that waits distinguishes it.
 */
const SAMPLE = `select case
    when state like 'idle in transaction%' or wait_event = 'ClientRead' then 'client'
    when wait_event_type is null then 'running'
    when wait_event_type = 'Lock' and query like '%update log_head%' then 'log head'
    when wait_event_type = 'Lock' and wait_event = 'advisory' then 'user lock'
    when wait_event = 'SyncRep' then 'replica'
    when wait_event like 'WAL%' then 'WAL flush'
    else 'other' end as place,
  count(*)::int as backends,
  (select count(*)::int from pg_locks where not granted) as waiting
from pg_stat_activity
where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
group by 1`;

/** @typedef {'running' | 'client' | 'WAL flush' | 'replica' | 'log head' | 'user lock' | 'other'} BackendPlace */

/** In the order of the output. @type {readonly BackendPlace[]} */
export const BACKEND_PLACES = ['running', 'client', 'WAL flush', 'replica', 'log head', 'user lock', 'other'];

/** A connection of the benchmark to PostgreSQL. @param {string} url as superuser */
export async function connectSampler(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const query = async (/** @type {string} */ text) => {
    const { rows } = /** @type {{ rows: Record<string, unknown>[] }} */ (await client.query(text));
    return rows;
  };
  const [backend] = await query('select pg_backend_pid() as pid');
  return {
    /** The process that runs the queries of this connection. */
    pid: Number(backend?.['pid']),
    /** The size of the database and the end of the write-ahead log, in bytes. */
    async readSizes() {
      const [sizes] = await query(
        `select pg_database_size(current_database())::float8 as database, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal`,
      );
      return { database: Number(sizes?.['database']), wal: Number(sizes?.['wal']) };
    },
    /** Samples until `stop` is called, which returns how many backends were at each place in all samples together. */
    sample() {
      /** @type {Map<BackendPlace, number>} */
      const counts = new Map();
      const waiting = { samples: 0, locks: 0 };
      let isStopped = false;
      const run = async () => {
        while (!isStopped) {
          const rows = await query(SAMPLE);
          waiting.samples++;
          waiting.locks += Number(rows[0]?.['waiting'] ?? 0);
          for (const { place, backends } of rows) {
            const key = /** @type {BackendPlace} */ (place);
            counts.set(key, (counts.get(key) ?? 0) + Number(backends));
          }
          await sleep(SAMPLE_INTERVAL_MS);
        }
      };
      const running = run();
      return {
        /** @returns counts by place, and the mean number of locks that a backend waited for */
        async stop() {
          isStopped = true;
          await running;
          return { counts, meanWaitingLocks: waiting.locks / waiting.samples };
        },
      };
    },
    close: () => client.end(),
  };
}
