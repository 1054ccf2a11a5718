import { parseStreamEntry, LOG_STREAM, parseLogEvent, type AlarmState } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, type As } from './harness/as.js';
import { startPlatform, type Platform } from './harness/platform.js';

const SECOND = 1_000;

let platform: Platform;
let redis: Redis;
let ana: As;
let ben: As;
let sensor: As;
beforeAll(async () => {
  platform = await startPlatform();
  redis = new Redis(platform.redis.url);
  ana = await as(platform, { id: 'ana', role: 'customer' });
  ben = await as(platform, { id: 'ben', role: 'customer' });
  sensor = await as(platform, { id: 'ana', role: 'device' });
});
afterAll(async () => {
  redis.disconnect();
  await platform.close();
});

const create = (opening: string, maxOpenSeconds: number) =>
  ana.ask<{ createRule: { rule: { id: string } } }>(
    `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
    { input: { name: `${opening} left open`, opening, maxOpenSeconds, severity: 'CRITICAL' } },
  );

const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { id index code message } }
}`;
const report = async (id: string, opening: string, state: 'OPEN' | 'CLOSED', at: number, by: As = sensor) => {
  const { data, errors } = await by.ask<{ recordReadings: unknown }>(RECORD, {
    input: { readings: [{ id, opening, state, at: new Date(at).toISOString() }] },
  });
  return data?.recordReadings ?? errors;
};
const accepted = { accepted: 1, duplicates: 0, refused: [] };

/** What the log tells of the alarms of an opening, in order. */
async function told(opening: string): Promise<{ type: string; at: string; alarm: AlarmState }[]> {
  const entries = await redis.xrange(LOG_STREAM, '-', '+');
  return entries.flatMap(([id, fields]) => {
    const entry = parseStreamEntry(id, fields);
    const read = parseLogEvent(entry);
    if (!read.ok) throw new Error(read.reason);
    if (!('alarm' in read.event.data) || read.event.data.alarm.opening !== opening) return [];
    return [{ type: entry.type, at: entry.at, alarm: read.event.data.alarm }];
  });
}

const ACKNOWLEDGE = `mutation ($id: ID!) { acknowledgeAlarm(input: { id: $id, note: "Seen." }) {
  alarm { id status severity acknowledgedBy note rule { name opening } user { id } }
} }`;

describe('an opening that is left open', () => {
  it('is told of when its time is over, without a further reading', async () => {
    await create('Door', 1);
    const opened = Date.now();
    expect(await report('d1', 'Door', 'OPEN', opened)).toEqual(accepted);
    await eventually(async () => expect(await told('Door')).toHaveLength(1));
    const [raised] = await told('Door');
    expect(raised).toMatchObject({
      type: 'AlarmRaised',
      alarm: { status: 'ACTIVE', raisedAt: new Date(opened + SECOND).toISOString(), severity: 'CRITICAL' },
    });

    const { id } = raised!.alarm;
    expect((await ben.ask(ACKNOWLEDGE, { id })).errors?.[0]?.extensions?.['code']).toBe('NOT_FOUND');
    expect((await sensor.ask(ACKNOWLEDGE, { id })).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect((await ana.ask(ACKNOWLEDGE, { id })).data).toEqual({
      acknowledgeAlarm: {
        alarm: {
          id,
          status: 'ACTIVE',
          severity: 'CRITICAL',
          acknowledgedBy: 'ana',
          note: 'Seen.',
          rule: { name: 'Door left open', opening: 'Door' },
          user: { id: 'ana' },
        },
      },
    });
    expect((await ana.ask(ACKNOWLEDGE, { id })).errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      acknowledgedBy: 'ana',
    });

    const closed = Date.now();
    await report('d2', 'Door', 'CLOSED', closed);
    await eventually(async () => expect(await told('Door')).toHaveLength(3));
    expect((await told('Door')).at(-1)).toMatchObject({
      type: 'AlarmCleared',
      alarm: { status: 'CLEARED', clearedAt: new Date(closed).toISOString(), note: 'Seen.' },
    });
  });

  it('is told of with its true instant where its time was over while monitoring was killed', async () => {
    await create('Gate', 2);
    const opened = Date.now();
    expect(await report('g1', 'Gate', 'OPEN', opened)).toEqual(accepted);
    await platform.end('monitoring', 'SIGKILL');
    const due = opened + 2 * SECOND;
    // It is long over by the time that anybody can notice.
    await eventually(() => expect(Date.now()).toBeGreaterThan(due + SECOND));
    expect(await told('Gate')).toEqual([]);
    const restarted = new Date().toISOString();
    await platform.start('monitoring');
    await eventually(async () => expect(await told('Gate')).toHaveLength(1));
    const [raised] = await told('Gate');
    expect(raised?.alarm).toMatchObject({
      status: 'ACTIVE',
      raisedAt: new Date(due).toISOString(),
      version: 1,
    });
    expect(raised!.at >= restarted).toBe(true);
    // What was answered is on record.
    expect(await report('g1', 'Gate', 'OPEN', opened)).toEqual({ accepted: 0, duplicates: 1, refused: [] });
  });
});

describe('readings', () => {
  it('are of their own user: a customer or a device reports nobody else’s, an operator anyone’s', async () => {
    const input = {
      userId: 'ana',
      readings: [{ id: 'x', opening: 'Door', state: 'OPEN', at: new Date().toISOString() }],
    };
    const refused = await ben.ask(RECORD, { input });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      faults: [{ path: ['input', 'userId'] }],
    });
    const olga = await as(platform, { id: 'olga', role: 'operator' });
    expect((await olga.ask(RECORD, { input })).data).toEqual({ recordReadings: accepted });
    // Ben has a door of his own, which is none of Ana's.
    expect(await report('x', 'Door', 'CLOSED', Date.now(), ben)).toEqual(accepted);
  });

  it('are each judged by itself, and as a whole only by their number', async () => {
    const now = Date.now();
    const readings = [
      { id: 'a', opening: 'Safe', state: 'OPEN', at: 'yesterday' },
      { id: 'b', opening: 'Safe', state: 'OPEN', at: new Date(now).toISOString() },
      { id: 'b', opening: 'Safe', state: 'CLOSED', at: new Date(now).toISOString() },
      { id: 'c', opening: 'Safe', state: 'OPEN', at: new Date(now + 3_600 * SECOND).toISOString() },
    ];
    expect((await sensor.ask(RECORD, { input: { readings } })).data).toMatchObject({
      recordReadings: {
        accepted: 1,
        duplicates: 1,
        refused: [
          { id: 'a', index: 0, code: 'INVALID' },
          { id: 'c', index: 3, code: 'READING_IN_FUTURE' },
        ],
      },
    });
    for (const wrong of [[], Array.from({ length: 1_001 }, () => readings[1])]) {
      const { errors } = await sensor.ask(RECORD, { input: { readings: wrong } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        faults: [{ path: ['input', 'readings'], code: 'OUT_OF_RANGE' }],
      });
    }
  });
});
