import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteDatabase } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, it, onTestFinished } from 'vitest';
import { replayLog } from '../testing/replay-log.js';
import { openTestStorage } from '../testing/test-storage.js';
import * as schema from './sqlite-schema.js';

/** The number of migrations before rules had several windows, calendars and signals. */
const EARLIER_MIGRATIONS = 11;
const at = (time: string) => `2026-01-31T${time}.000Z`;
const ms = (time: string) => Date.parse(at(time));

/** Opens a database as the version before has created it. */
function openEarlierDatabase(folder: string) {
  const copy = join(folder, 'drizzle');
  cpSync(fileURLToPath(new URL('../../drizzle', import.meta.url)), copy, { recursive: true });
  const file = join(copy, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, EARLIER_MIGRATIONS) }));
  const migrations = new URL(`file://${copy}`);
  return openSqliteDatabase({ folder, name: 'monitoring', schema, migrations, synchronous: 'FULL' });
}

const ALARMS: readonly (readonly [id: string, start: string, raised: string, cleared: string | null])[] = [
  ['alarm-1', 'removed', '05:01:00', '05:30:00'],
  ['alarm-2', 'a', '06:01:00', '06:30:00'],
  ['alarm-3', 'c', '07:01:00', null],
];

/** A rule with a timer, an opening with a cleared alarm, an active one and an alarm whose reading is removed. */
const DATA = `
  insert into openings (id, user_id, name, state, since) values (1, 'ana', 'Shop', 'OPEN', ${ms('07:00:00')});
  insert into rules (id, user_id, name, opening, opens_at, closes_at, days, time_zone, max_open_seconds, severity, enabled,
    effective_from, created_at, updated_at, deleted_at, version)
    values ('rule-1', 'ana', 'Rule', 'Shop', '08:00', '18:00', '["MONDAY"]', 'UTC', 60, 'WARNING', 1,
    '${at('00:00:00')}', '${at('00:00:00')}', '${at('00:00:00')}', null, 1);
  insert into rule_versions (rule_id, opening_id, valid_from, valid_until, opens_at, closes_at, days, time_zone, max_open_seconds)
    values ('rule-1', 1, ${ms('00:00:00')}, 8640000000000000, null, null, '[]', 'UTC', 60);
  insert into readings (opening_id, open, at, id, effective) values
    (1, 1, ${ms('06:00:00')}, 'a', 1), (1, 0, ${ms('06:30:00')}, 'b', 1), (1, 1, ${ms('07:00:00')}, 'c', 1),
    (1, 0, ${ms('08:02:00')}, 'early', 0);
  insert into intervals (opening_id, started_at, start_id, ended_at) values
    (1, ${ms('05:00:00')}, 'removed', ${ms('05:30:00')}),
    (1, ${ms('06:00:00')}, 'a', ${ms('06:30:00')}), (1, ${ms('07:00:00')}, 'c', null);
  insert into unevaluated_intervals (opening_id, start_id, started_at) values (1, 'a', ${ms('06:00:00')});
  insert into timers (opening_id, rule_id, due) values (1, 'rule-1', ${ms('09:00:00')});
  ${ALARMS.map(
    ([id, start, raised, cleared]) =>
      `insert into alarms (id, opening_id, start_id, rule_id, user_id, opening, kind, severity, status, raised_at, cleared_at,
        cause, reason, updated_at, version) values ('${id}', 1, '${start}', 'rule-1', 'ana', 'Shop', 'OPEN_TOO_LONG', 'WARNING',
        '${cleared === null ? 'ACTIVE' : 'CLEARED'}', '${at(raised)}', ${cleared === null ? 'null' : `'${at(cleared)}'`},
        'open', 'open', '${at('07:02:00')}', 1);`,
  ).join('\n')}`;

it('a database of the version before goes on with its readings, intervals and alarms', async () => {
  const folder = temporaryFolder();
  const earlier = openEarlierDatabase(folder.path);
  earlier.db.$client.exec(DATA);
  earlier.close();

  const test = await openTestStorage({ folder, now: () => at('08:00:00') });
  onTestFinished(() => test.close());
  const $client = test.sqlite;
  expect($client.prepare('select id, start_key, started_at from alarms order by id').all()).toEqual([
    { id: 'alarm-1', start_key: 'removed', started_at: ms('05:00:00') },
    { id: 'alarm-2', start_key: 'a', started_at: ms('06:00:00') },
    { id: 'alarm-3', start_key: 'c', started_at: ms('07:00:00') },
  ]);
  expect($client.prepare('select distinct signal from intervals').all()).toEqual([{ signal: 'OPEN' }]);
  expect($client.prepare('select subject, start_key from unevaluated_episodes').all()).toEqual([
    { subject: 'OPEN', start_key: 'a' },
  ]);
  expect($client.prepare('select due, evaluated_until, needs_open from timers').get()).toMatchObject({
    needs_open: 1,
  });
  expect($client.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);

  // What was left is evaluated, and the active alarm follows its interval.
  while (await test.storage.dueJobs.runSome());
  expect((await test.eventLog.end()).position).toBe(0);
  const read = (id: string, state: 'OPEN' | 'CLOSED', time: string) =>
    test.commands.recordReadings({
      userId: 'ana',
      readings: [{ id, opening: 'Shop', state, at: at(time) }],
    });
  expect(await read('a', 'OPEN', '06:00:00')).toMatchObject({
    accepted: 0,
    duplicateReadings: [{ id: 'a', differs: false }],
  });
  await read('0', 'OPEN', '07:00:00');
  await read('d', 'CLOSED', '07:30:00');
  const { entries } = await test.eventLog.read(0, 100);
  expect(entries.map(({ type }) => type)).toEqual(['ReadingsRecorded', 'ReadingsRecorded', 'AlarmCleared']);
  expect(entries[2]?.data).toMatchObject({ alarm: { id: 'alarm-3', clearedAt: at('07:30:00'), version: 2 } });
  await expect(replayLog(test.eventLog, 'ana')).rejects.toThrow('version 2 follows 0');
});
