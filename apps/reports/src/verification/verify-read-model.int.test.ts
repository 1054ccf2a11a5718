import { createDeviceState } from '@seguridad-abc/contracts/testing';
import {
  createLogger,
  createUserPseudonym,
  openDatabaseFile,
  type SqliteFile,
} from '@seguridad-abc/platform';
import { join } from 'node:path';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogClient } from '../projector/log-client.js';
import {
  buildAlarmEvent,
  buildCalendarEvent,
  buildExceptionEvent,
  buildReadingsRecorded,
  buildRuleCreated,
  buildRuleUpdated,
  type TestEvent,
} from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';
import { findDifferences, type RowDifference } from './compare-read-models.js';
import { formatDifference, formatReport } from './verification-text.js';
import { verifyReadModel } from './verify-read-model.js';

const LOG_TIMEOUT_MS = 2_000;
const AT = '2026-03-01T08:00:00.000Z';

const DEVICE: TestEvent = {
  type: 'DeviceRegistered',
  version: 1,
  data: { device: createDeviceState({ userId: 'ana' }) },
};
/** Records of every kind, and an entry that is set aside. */
const EVENTS: readonly TestEvent[] = [
  buildRuleCreated({ id: 'r1' }),
  buildRuleCreated({ id: 'r2', opening: 'Back door' }),
  buildRuleUpdated({ id: 'r1', name: 'Día' }),
  buildReadingsRecorded(),
  buildReadingsRecorded({
    opening: 'Back door',
    intervals: [{ signal: 'OPEN', startId: 'b1', startedAt: AT, endedAt: AT }],
    removed: [{ signal: 'OPEN', startId: 'b0' }],
  }),
  buildAlarmEvent('AlarmRaised', { id: 'a1' }),
  buildAlarmEvent('AlarmRaised', { id: 'a2' }),
  DEVICE,
  buildCalendarEvent(),
  buildExceptionEvent(),
  { type: 'RuleForgotten', version: 1, data: { userId: 'ana' } },
];

let platform: TestPlatform;
let readModel: SqliteFile;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.monitoring.publish(...EVENTS);
  await platform.start();
  await platform.waitForPosition(EVENTS.length);
  readModel = openDatabaseFile(join(platform.folder, 'reports.sqlite'), { isReadOnly: false });
});
afterAll(async () => {
  readModel.close();
  await platform.close();
});
beforeEach(async () => {
  await platform.waitForPosition(platform.monitoring.entries.length);
});

const verify = (isRepairing = false) =>
  verifyReadModel({
    dataDir: platform.folder,
    readLogPage: createLogClient(platform.monitoring.url, {}, LOG_TIMEOUT_MS),
    isRepairing,
    signal: new AbortController().signal,
    logger: createLogger('reports', 'silent'),
  });

const FRONT = ['ana', 'Front door'];
/** A statement that makes one row of the read model wrong, and the difference that it makes. */
const WRONG_ROWS: readonly [string, RowDifference][] = [
  [`update rules set name = 'x' where id = 'r1'`, { table: 'rules', kind: 'changed', key: ['r1'] }],
  [`update rules set search_name = 'x' where id = 'r1'`, { table: 'rules', kind: 'changed', key: ['r1'] }],
  [`delete from rules where id = 'r2'`, { table: 'rules', kind: 'missing', key: ['r2'] }],
  [
    `create temp table copied as select * from rules where id = 'r1'; update copied set id = 'r0';
     insert into rules select * from copied; drop table copied`,
    { table: 'rules', kind: 'extra', key: ['r0'] },
  ],
  [
    `update openings set state = 'CLOSED' where name = 'Front door'`,
    { table: 'openings', kind: 'changed', key: FRONT },
  ],
  [
    `insert into openings (user_id, name, changed_position) values ('ana', 'Attic', 2)`,
    { table: 'openings', kind: 'extra', key: ['ana', 'Attic'] },
  ],
  [
    `update intervals set ended_at = '${AT}' where start_id = 'reading-1'`,
    { table: 'intervals', kind: 'changed', key: [...FRONT, 'OPEN', 'reading-1'] },
  ],
  [
    `delete from intervals where start_id = 'b0'`,
    { table: 'intervals', kind: 'missing', key: ['ana', 'Back door', 'OPEN', 'b0'] },
  ],
  [
    `insert into intervals (opening_id, signal, start_id, changed_position) select id, 'TAMPERED', 'x', 1 from openings where name = 'Front door'`,
    { table: 'intervals', kind: 'extra', key: [...FRONT, 'TAMPERED', 'x'] },
  ],
  [
    `insert into intervals (opening_id, signal, start_id, changed_position) values (999, 'OPEN', 'x', 1)`,
    { table: 'intervals', kind: 'extra', key: [null, 999, 'OPEN', 'x'] },
  ],
  [
    `update heard_instants set is_heard = 0 where opening_id = (select id from openings where name = 'Front door')`,
    { table: 'heard_instants', kind: 'changed', key: [...FRONT, Date.parse(AT)] },
  ],
  [
    `delete from heard_instants where opening_id = (select id from openings where name = 'Back door')`,
    { table: 'heard_instants', kind: 'missing', key: ['ana', 'Back door', Date.parse(AT)] },
  ],
  [
    `insert into heard_instants select id, 5, 1, 1 from openings where name = 'Front door'`,
    { table: 'heard_instants', kind: 'extra', key: [...FRONT, 5] },
  ],
  [
    `insert into heard_instants values (999, 5, 1, 1)`,
    { table: 'heard_instants', kind: 'extra', key: [null, 999, 5] },
  ],
  [`update calendars set dates = '[]'`, { table: 'calendars', kind: 'changed', key: ['calendar-1'] }],
  [`delete from calendars`, { table: 'calendars', kind: 'missing', key: ['calendar-1'] }],
  [
    `create temp table copied as select * from calendars; update copied set id = 'c';
     insert into calendars select * from copied; drop table copied`,
    { table: 'calendars', kind: 'extra', key: ['c'] },
  ],
  [`update exceptions set "from" = '${AT}'`, { table: 'exceptions', kind: 'changed', key: ['exception-1'] }],
  [`delete from exceptions`, { table: 'exceptions', kind: 'missing', key: ['exception-1'] }],
  [
    `create temp table copied as select * from exceptions; update copied set id = 'e';
     insert into exceptions select * from copied; drop table copied`,
    { table: 'exceptions', kind: 'extra', key: ['e'] },
  ],
  [`update alarms set status = 'CLEARED' where id = 'a1'`, { table: 'alarms', kind: 'changed', key: ['a1'] }],
  [
    `update alarms set changed_position = 99 where id = 'a1'`,
    { table: 'alarms', kind: 'changed', key: ['a1'] },
  ],
  [`delete from alarms where id = 'a2'`, { table: 'alarms', kind: 'missing', key: ['a2'] }],
  [
    `create temp table copied as select * from alarms where id = 'a1'; update copied set id = 'z';
     insert into alarms select * from copied; drop table copied`,
    { table: 'alarms', kind: 'extra', key: ['z'] },
  ],
  [`update devices set version = 9`, { table: 'devices', kind: 'changed', key: ['device-1'] }],
  [`delete from devices`, { table: 'devices', kind: 'missing', key: ['device-1'] }],
  [
    `create temp table copied as select * from devices; update copied set id = 'd';
     insert into devices select * from copied; drop table copied`,
    { table: 'devices', kind: 'extra', key: ['d'] },
  ],
  [`insert into users values ('zoe')`, { table: 'users', kind: 'extra', key: ['zoe'] }],
  [`delete from users`, { table: 'users', kind: 'missing', key: ['ana'] }],
  [`delete from set_aside`, { table: 'set_aside', kind: 'missing', key: [EVENTS.length] }],
  [`update set_aside set data = '{}'`, { table: 'set_aside', kind: 'changed', key: [EVENTS.length] }],
  [
    `insert into set_aside (position, log_id, type, version, at, actor, data, reason)\n     select 999, log_id, type, version, at, actor, data, reason from set_aside`,
    { table: 'set_aside', kind: 'extra', key: [999] },
  ],
];

describe('the verification of a read model that is live', () => {
  it('finds no difference in what the projector has written', async () => {
    const left = join(platform.folder, '.verify-killed');
    mkdirSync(left);
    utimesSync(left, 0, 0);
    expect(await verify()).toStrictEqual({ position: EVENTS.length, differences: [], isRepaired: false });
    expect(readdirSync(platform.folder).filter((name) => name.startsWith('.verify'))).toStrictEqual([]);
  });

  it.each(['changed', 'missing', 'extra'])(
    'finds and repairs rows of every kind that are %s',
    async (kind) => {
      const wrong = WRONG_ROWS.filter(([, difference]) => difference.kind === kind);
      for (const [statement] of wrong) readModel.exec(statement);
      const toTexts = (differences: readonly RowDifference[]) => differences.map(formatDifference).sort();
      const expected = toTexts(wrong.map(([, difference]) => difference));
      expect(new Set(toTexts((await verify()).differences))).toStrictEqual(new Set(expected));
      expect(await verify(true)).toMatchObject({ isRepaired: true });
      expect((await verify()).differences).toStrictEqual([]);
    },
  );

  it('repairs an opening that is missing together with what belongs to it', async () => {
    readModel.exec(`delete from openings where name = 'Front door'`);
    const kinds = (await verify(true)).differences.map(({ table, kind }) => `${table} ${kind}`);
    expect(kinds.sort()).toStrictEqual([
      'heard_instants extra',
      'heard_instants missing',
      'intervals extra',
      'intervals missing',
      'openings missing',
    ]);
    expect((await verify()).differences).toStrictEqual([]);
  });

  it('compares the same state while entries are projected', async () => {
    const isDone = { value: false };
    const writing = (async () => {
      for (let i = 0; !isDone.value; i++)
        await platform.monitoring.publish(
          buildAlarmEvent('AlarmUpdated', { id: `live-${i % 5}`, version: i + 1 }),
        );
    })();
    readModel.exec(`update rules set name = 'x' where id = 'r2'`);
    const found = await verify(true);
    isDone.value = true;
    await writing;
    expect(found.differences).toStrictEqual([{ table: 'rules', kind: 'changed', key: ['r2'] }]);
    expect(found.position).toBeGreaterThanOrEqual(EVENTS.length);
    await platform.waitForPosition(platform.monitoring.entries.length);
    expect((await verify()).differences).toStrictEqual([]);
  });

  it('is equal after the erasure of a user', async () => {
    const salt = 'salt';
    const data = { pseudonym: createUserPseudonym(salt, 'ana'), salt };
    await platform.monitoring.publish({ type: 'UserErased', version: 1, data });
    await platform.waitForPosition(platform.monitoring.entries.length);
    expect((await verify()).differences).toStrictEqual([]);
    await eventually(async () => {
      const { data: found } = await platform.query('{ rules { totalCount } }');
      expect(found).toStrictEqual({ rules: { totalCount: 0 } });
    });
  });

  it('does not compare with another log', async () => {
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = platform.monitoring.entries.map((entry) => ({ ...entry, logId: 'log-2' }));
    await expect(verify()).rejects.toThrow(/The read model holds log log-1, but monitoring's log is log-2/);
  });
});

describe('findDifferences', () => {
  it('finds rows at the limits of ranges', () => {
    const createModel = (ids: readonly string[]) => {
      const model = openDatabaseFile(':memory:', { isReadOnly: false });
      const { schema } = {
        schema: readModel
          .prepare<[], { sql: string }>(
            `select sql from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'`,
          )
          .all(),
      };
      for (const { sql } of schema) model.exec(sql);
      for (const id of ids) model.prepare('insert into users values (?)').run(id);
      return model;
    };
    const expected = createModel(['b', 'c', 'd', 'e']);
    const actual = createModel(['a', 'b', 'd', 'e', 'f', 'ü']);
    const keys = findDifferences(expected, actual, { rowsPerRange: 2 }).map(
      ({ kind, key }) => `${kind} ${String(key)}`,
    );
    expect(keys).toStrictEqual(['extra a', 'missing c', 'extra f', 'extra ü']);
    expect(findDifferences(expected, expected, { rowsPerRange: 2 })).toStrictEqual([]);
    for (const model of [expected, actual]) model.close();
  });
});

describe('the text of a verification', () => {
  const difference = { table: 'rules', kind: 'missing', key: ['r1'] } as const;
  it.each([
    [[], false, 'The read model is equal to the log up to position 7.'],
    [
      [difference],
      false,
      '1 row differs from the log at position 7. Repair with npm run verify -- --repair.',
    ],
    [[difference, difference], true, '2 rows differ from the log at position 7: all are repaired.'],
  ])('%j, repaired: %s', (differences, isRepaired, text) => {
    expect(formatReport({ position: 7, differences, isRepaired })).toBe(text);
  });

  it('names the row', () => {
    expect(formatDifference(difference)).toBe('rules "r1" is missing in the read model.');
  });
});
