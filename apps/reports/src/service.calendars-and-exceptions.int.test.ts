import { createOpeningExceptionState } from '@seguridad-abc/contracts/testing';
import { findOutdatedZoneNotice } from '@seguridad-abc/evaluation';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  buildCalendarEvent,
  buildExceptionEvent,
  buildReadingsRecorded,
  buildReadingsWithdrawn,
  buildRuleCreated,
} from './testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.js';

/** Instants of Sunday 2026-03-01 in UTC, and the days after it. */
const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 2, 1, hour, minute)).toISOString();
const UNTIL = '2999-01-01T00:00:00.000Z';
const DATES = [
  {
    date: '2026-03-02',
    label: 'Carnival',
    windows: [{ opensAt: '10:00', closesAt: '12:00', openBy: '10:30' }],
  },
];

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.start();
  await platform.monitoring.publish(
    buildRuleCreated({ opening: 'Safe' }),
    buildReadingsRecorded(
      {
        opening: 'Gate',
        state: 'CLOSED',
        since: at(11),
        tampered: true,
        batteryLow: false,
        intervals: [
          { signal: 'OPEN', startId: 'a', startedAt: at(9), endedAt: at(11) },
          { signal: 'TAMPERED', startId: 'b', startedAt: at(10), endedAt: null },
        ],
      },
      [
        { id: 'a', state: 'OPEN', at: at(9) },
        { id: 'b', tampered: true, at: at(10) },
        { id: 'c', state: 'CLOSED', batteryLow: false, at: at(11) },
        { id: 'd', state: 'CLOSED', at: at(12) },
      ],
    ),
    buildReadingsWithdrawn(
      { opening: 'Gate', state: 'CLOSED', since: at(11), tampered: true, batteryLow: false, removed: [] },
      [at(12)],
    ),
    buildCalendarEvent('CalendarCreated', { dates: DATES }),
    buildCalendarEvent('CalendarCreated', { id: 'calendar-2', userId: 'luis', name: 'Of luis' }),
    buildCalendarEvent('CalendarDeleted', { id: 'calendar-3', deletedAt: at(0), version: 2 }),
    buildExceptionEvent('ExceptionCreated', { openings: ['Safe'], until: UNTIL }),
    buildExceptionEvent('ExceptionCreated', {
      id: 'exception-2',
      openings: null,
      effect: 'SUSPEND',
      from: at(10, 30),
      until: at(10, 45),
    }),
  );
  await platform.waitForPosition(8);
});
afterAll(() => platform.close());
beforeEach(() => void (platform.statements.length = 0));

it('openings have what readings say beside the state', async () => {
  const { data } = await platform.query(
    '{ user(id: "ana") { openings { name state since lastReadingAt tampered batteryLow } } }',
  );
  expect(data).toEqual({
    user: {
      openings: [
        {
          ...{ name: 'Gate', state: 'CLOSED', since: at(11), lastReadingAt: at(11) },
          ...{ tampered: true, batteryLow: false },
        },
        { name: 'Safe', state: null, since: null, lastReadingAt: null, tampered: null, batteryLow: null },
      ],
    },
  });
});

describe('the calendars and exceptions of a user', () => {
  it('have all fields', async () => {
    const { data, errors } = await platform.query(`{
      user(id: "ana") {
        calendars { id user { id } name version dates { date label windows { opensAt closesAt openBy } } }
        exceptions { id user { id } openings effect from until reason createdBy cancelledAt }
        active: exceptions(active: true) { id }
        others: exceptions(active: false) { id }
      }
    }`);
    expect(errors).toBeUndefined();
    const { from, reason, createdBy } = createOpeningExceptionState();
    const user = { id: 'ana' };
    const common = { user, reason, createdBy, cancelledAt: null };
    expect(data).toEqual({
      user: {
        calendars: [{ id: 'calendar-1', user, name: 'Holidays', version: 1, dates: DATES }],
        exceptions: [
          { id: 'exception-1', openings: ['Safe'], effect: 'ALLOW', from, until: UNTIL, ...common },
          {
            ...{ id: 'exception-2', openings: null, effect: 'SUSPEND', from: at(10, 30), until: at(10, 45) },
            ...common,
          },
        ],
        active: [{ id: 'exception-1' }],
        others: [{ id: 'exception-2' }],
      },
    });
  });

  it('are awaited as entities if they are not projected yet; a deleted calendar is one too', async () => {
    await platform.stop();
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    const query = `query ($of: [_Any!]!) {
      _entities(representations: $of) { ... on Calendar { id version dates { label } } }
    }`;
    const of = ['calendar-3', 'late'].map((id) => ({ __typename: 'Calendar', id }));
    const waiting = platform.query(query, { of });
    await eventually(() =>
      expect(platform.statements.some((sql) => sql.includes('from "calendars"'))).toBe(true),
    );
    const [entry] = await platform.monitoring.publish(
      buildCalendarEvent('CalendarCreated', { id: 'late', userId: 'eva', dates: [] }),
    );
    expect((await waiting).data?.['_entities']).toEqual([
      { id: 'calendar-3', version: 2, dates: [{ label: "New Year's Day" }] },
      { id: 'late', version: 1, dates: [] },
    ]);
    await platform.waitForPosition(entry!.position);
  });
});

describe('a rule simulation', () => {
  const QUERY = `query ($rule: SimulatedRuleInput!) {
    simulateRule(rule: $rule, from: "2026-03-01T00:00:00Z", to: "2026-03-03T00:00:00Z") {
      intervals openSeconds alarms { kind opening raisedAt clearedAt }
    }
  }`;
  const gate = { userId: 'ana', opening: 'Gate', timeZone: 'UTC' };

  it('knows all conditions, the calendar and the exceptions on record', async () => {
    const rule = {
      ...gate,
      windows: [{ days: ['SUNDAY'], opensAt: '08:00', closesAt: '10:00', openBy: '08:30' }],
      calendarId: 'calendar-1',
      graceSeconds: 1_800,
      maxOpenSeconds: 5_400,
      silentAfterSeconds: 86_400,
      onTamper: true,
      onBatteryLow: true,
      activeWindows: [{ opensAt: '00:00', closesAt: '00:00' }],
    };
    const { data, errors } = await platform.query(QUERY, { rule });
    expect(errors).toBeUndefined();
    const alarm = (kind: string, raisedAt: string, clearedAt: string | null) => ({
      ...{ kind, opening: 'Gate', raisedAt, clearedAt },
    });
    expect(data?.['simulateRule']).toEqual({
      intervals: 1,
      openSeconds: 7_200,
      alarms: [
        alarm('NOT_OPENED', at(8, 30), at(9)),
        alarm('TAMPERED', at(10), null),
        // The grace and the timer end in the exception.
        alarm('OPEN_TOO_LONG', at(10, 45), at(11)),
        alarm('OUTSIDE_HOURS', at(10, 45), at(11)),
        alarm('NOT_OPENED', at(34, 30), at(36)),
        alarm('SILENT', at(35), null),
      ],
    });
  });

  it('takes the short form as one window', async () => {
    const rule = { ...gate, opensAt: '08:00', closesAt: '10:00', days: ['SUNDAY'] };
    const { data } = await platform.query(QUERY, { rule });
    const window = { opensAt: '08:00', closesAt: '10:00', days: ['SUNDAY'] };
    expect(data).toEqual((await platform.query(QUERY, { rule: { ...gate, windows: [window] } })).data);
    expect(data).toMatchObject({ simulateRule: { alarms: [{ kind: 'OUTSIDE_HOURS', raisedAt: at(10) }] } });
  });

  it('refuses both forms together, with every fault', async () => {
    const rule = { ...gate, opensAt: '08:00', closesAt: '10:00', windows: [], silentAfterSeconds: 1 };
    const { errors } = await platform.query(QUERY, { rule });
    const faults = errors?.[0]?.extensions['faults'] as { path: unknown; code: string }[];
    expect(faults.map(({ path, code }) => [path, code])).toEqual([
      [['rule', 'windows'], 'INVALID'],
      [['rule', 'opensAt'], 'INVALID'],
      [['rule', 'closesAt'], 'INVALID'],
      [['rule', 'silentAfterSeconds'], 'OUT_OF_RANGE'],
    ]);
  });

  it.each(['calendar-2', 'calendar-3', 'unknown'])(
    'refuses the calendar %s of another user, deleted or unknown',
    async (calendarId) => {
      await platform.stop();
      await platform.start({ PROJECTION_WAIT_MS: '30' });
      const { data, errors } = await platform.query(QUERY, { rule: { ...gate, onTamper: true, calendarId } });
      expect(data).toEqual({ simulateRule: null });
      expect(errors).toMatchObject([
        {
          extensions: {
            code: 'BAD_USER_INPUT',
            faults: [{ path: ['rule', 'calendarId'], code: 'NOT_FOUND' }],
          },
        },
      ]);
    },
  );
});

it('rules say what the time zone data lacks of their zone', async () => {
  const timeZone = 'Africa/Casablanca';
  await platform.monitoring.publish(buildRuleCreated({ id: 'rule-zone', userId: 'zoe', timeZone }));
  await eventually(async () => {
    const { data } = await platform.query('{ rule(id: "rule-zone") { timeZone timeZoneNotice } }');
    // Node.js 20 lacks its change; with newer data it is null.
    expect(data).toEqual({ rule: { timeZone, timeZoneNotice: findOutdatedZoneNotice(timeZone) ?? null } });
  });
});
