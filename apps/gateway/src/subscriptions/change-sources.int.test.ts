import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  DEFAULT_REDIS_NAMES,
  type ActiveWindow,
  type AlarmChange,
  type RuleChange,
  type Window,
} from '@seguridad-abc/contracts';
import { createAlarmState, createRuleState } from '@seguridad-abc/contracts/testing';
import type { SourceEvent } from '@seguridad-abc/executor';
import { createLogger, createRedisPubSubClient, type RedisPubSubClient } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { buildSchema, Kind, parse, validate, visit } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRequestContext } from '../requests/transport-hooks.js';
import type { FetchChanges } from './change-feed.js';
import { createAlarmChangedSource, createRuleChangedSource } from './change-sources.js';

const logger = createLogger('test', 'silent');
const api = buildSchema(readFileSync(new URL('../../../../api.graphql', import.meta.url), 'utf8'));
let redis: TestRedis;
let pubsub: RedisPubSubClient;
beforeAll(async () => {
  redis = await startRedis();
  pubsub = createRedisPubSubClient(redis.settings, logger);
});
afterAll(async () => {
  pubsub.close();
  await redis.close();
});

const NIGHT: ActiveWindow = { days: ['MONDAY'], opensAt: '22:00', closesAt: '06:00' };
const WINDOW: Window = { days: ['SUNDAY'], opensAt: '08:00', closesAt: '18:00', openBy: '09:00' };

const ruleChange = (userId: string, position: number): RuleChange => ({
  v: 1,
  kind: 'CREATED',
  position,
  rule: createRuleState({
    id: randomUUID(),
    userId,
    windows: [WINDOW],
    activeWindows: [NIGHT],
    calendarId: 'c',
  }),
});
const alarmChange = (userId: string, position: number): AlarmChange => ({
  v: 1,
  kind: 'RAISED',
  position,
  alarm: createAlarmState({
    id: randomUUID(),
    userId,
    resolution: { code: 'TEST', note: null, by: 'olga', at: '2026-01-31T08:05:00.000Z' },
  }),
});

const operator = { id: 'olga', role: 'operator', expiresAt: Infinity } as const;
const context = createRequestContext(
  {
    correlationId: 'test',
    clientAddress: '192.0.2.1',
    credentials: () => ({ caller: operator, headers: {} }),
    signal: new AbortController().signal,
    isShareable: true,
  },
  logger,
);

/** Reports cannot be reached in these tests. */
const fetchChanges: FetchChanges<AlarmChange> = () => Promise.reject(new Error('away'));
const resumption = { fetchChanges, installationSecret: 's'.repeat(32) };

const getEntityId = (event: unknown): string => {
  const { rule, alarm } = event as Partial<Record<'rule' | 'alarm', { id: string }>>;
  return (rule ?? alarm)?.id ?? '';
};

describe.each([
  {
    name: 'ruleChanged',
    createSource: () => createRuleChangedSource({ pubsub, logger }),
    channel: DEFAULT_REDIS_NAMES.ruleChangesChannel,
    change: ruleChange,
  },
  {
    name: 'alarmChanged',
    createSource: () => createAlarmChangedSource({ pubsub, resumption, logger }),
    channel: DEFAULT_REDIS_NAMES.alarmChangesChannel,
    change: alarmChange,
  },
])('$name', ({ name, createSource, channel, change }) => {
  /** Subscribes, and records the values of the events. */
  function listenTo(args: Record<string, unknown>) {
    const controller = new AbortController();
    const events: unknown[] = [];
    const { signal } = controller;
    const queue = createSource().subscribe(args, { signal, context });
    void (async () => {
      for await (const event of queue) events.push((event as SourceEvent).value);
    })();
    return { events, leave: () => controller.abort() };
  }

  const countSubscribers = async () =>
    ((await pubsub.publisher.pubsub('NUMSUB', channel)) as [string, number])[1];

  test('delivers changes in order, of one user if one is named, and frees the channel with the last subscriber', async () => {
    const all = listenTo({});
    const everybody = listenTo({ userId: null });
    const ana = listenTo({ userId: 'ana' });
    await eventually(async () => expect(await countSubscribers()).toBe(1));
    const marker = change('ana', 1);
    await eventually(async () => {
      await pubsub.publish(channel, marker);
      for (const { events } of [all, everybody, ana]) expect(events).not.toHaveLength(0);
    });
    const changes = ['ben', 'ana', 'cleo', 'ana'].map((userId, index) => change(userId, index + 2));
    for (const each of changes) await pubsub.publish(channel, each);
    const ids = ({ events }: { events: unknown[] }) =>
      events.map(getEntityId).filter((id) => id !== getEntityId(marker));
    const everyone = changes.map(getEntityId);
    await eventually(() => expect(ids(all)).toStrictEqual(everyone));
    await eventually(() => expect(ids(everybody)).toStrictEqual(everyone));
    await eventually(() => expect(ids(ana)).toStrictEqual([everyone[1], everyone[3]]));
    all.leave();
    everybody.leave();
    expect(await countSubscribers()).toBe(1);
    ana.leave();
    await eventually(async () => expect(await countSubscribers()).toBe(0));
  });

  test('delivers events with exactly the fields of the snapshot', async () => {
    const { events, leave } = listenTo({});
    await eventually(async () => expect(await countSubscribers()).toBe(1));
    await eventually(async () => {
      await pubsub.publish(channel, change('ana', 1));
      expect(events).not.toHaveLength(0);
    });
    leave();
    const selected: string[] = [];
    visit(parse(createSource().snapshot ?? ''), {
      Field: (_node, _key, _parent, _path, ancestors) =>
        void selected.push(
          [...ancestors, _node]
            .flatMap((node) => ('kind' in node && node.kind === Kind.FIELD ? node.name.value : []))
            .join('.'),
        ),
    });
    const paths = (values: unknown, path = ''): string[] => {
      // All items of a list have the same fields.
      const value: unknown = Array.isArray(values) ? values[0] : values;
      return typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [
            `${path}${key}`,
            ...paths(inner, `${path}${key}.`),
          ])
        : [];
    };
    expect(selected.sort()).toStrictEqual(paths(events[0]).sort());
  });

  test('has only fields of the API in its snapshot', () => {
    const document = parse(`subscription { ${name} ${createSource().snapshot ?? ''} }`);
    expect(validate(api, document)).toEqual([]);
  });
});

test('the rule of a change has its windows, also in the short form', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const queue = createRuleChangedSource({ pubsub, logger }).subscribe({}, { signal, context });
  let value: unknown;
  void (async () => {
    for await (const event of queue) value = (event as SourceEvent).value;
  })();
  await eventually(async () => {
    await pubsub.publish(DEFAULT_REDIS_NAMES.ruleChangesChannel, ruleChange('ana', 1));
    expect(value).toBeDefined();
  });
  controller.abort();
  expect(value).toMatchObject({
    rule: {
      windows: [WINDOW],
      opensAt: '08:00',
      closesAt: '18:00',
      days: ['SUNDAY'],
      calendar: { id: 'c' },
      activeWindows: [{ ...NIGHT, openBy: null }],
      graceSeconds: 0,
      silentAfterSeconds: null,
      onTamper: false,
      onBatteryLow: false,
    },
  });
});
