import { randomUUID } from 'node:crypto';
import {
  ALARM_CHANGES_CHANNEL,
  RULE_CHANGES_CHANNEL,
  type AlarmChange,
  type RuleChange,
} from '@seguridad-abc/contracts';
import { createLogger, createPubSub, type PubSub } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Kind, parse, visit } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRequestContext } from '../requests/request-context.js';
import { alarmChanged } from './alarm-changed.js';
import { createAlarmFeed } from './alarm-feed.js';
import type { FetchAlarmHistory } from './alarm-history.js';
import { ruleChanged } from './rule-changed.js';

const logger = createLogger('test', 'silent');
let redis: TestRedis;
let pubsub: PubSub;
beforeAll(async () => {
  redis = await startRedis();
  pubsub = createPubSub(redis.url, logger);
});
afterAll(async () => {
  pubsub.close();
  await redis.close();
});

const AT = '2026-11-24T08:00:00.000Z';
const ruleChange = (userId: string, position: number): RuleChange => ({
  v: 1,
  kind: 'CREATED',
  position,
  rule: {
    id: randomUUID(),
    userId,
    name: 'Shop door',
    opening: 'Shop',
    opensAt: '08:00',
    closesAt: '18:00',
    days: ['MONDAY'],
    timeZone: 'America/Bogota',
    maxOpenSeconds: null,
    severity: 'WARNING',
    enabled: true,
    effectiveFrom: AT,
    createdAt: AT,
    updatedAt: AT,
    deletedAt: null,
    version: 1,
  },
});
const alarmChange = (userId: string, position: number): AlarmChange => ({
  v: 1,
  kind: 'RAISED',
  position,
  alarm: {
    id: randomUUID(),
    ruleId: 'r1',
    userId,
    opening: 'Shop',
    kind: 'OUTSIDE_HOURS',
    severity: 'WARNING',
    status: 'ACTIVE',
    raisedAt: AT,
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    note: null,
    reason: 'open since 03:00:00',
    updatedAt: AT,
    version: 1,
  },
});

const operator = { id: 'olga', role: 'operator', expiresAt: Infinity } as const;
const context = createRequestContext(
  {
    correlationId: 'test',
    credentials: () => ({ caller: operator, headers: {} }),
    requiredToken: undefined,
    signal: new AbortController().signal,
    isShareable: true,
  },
  logger,
);

/** What reports knows is not asked for here. */
const fetchHistory: FetchAlarmHistory = () => Promise.reject(new Error('away'));
const alarms = (): ReturnType<typeof alarmChanged> =>
  alarmChanged(createAlarmFeed({ pubsub, fetchHistory, logger }), fetchHistory);

/** Events are values, or have one. */
const valueOf = (event: unknown): unknown => (event as { value?: unknown }).value ?? event;
/** Of the thing that has changed. */
const idOf = (event: unknown): string => {
  const { rule, alarm } = event as Partial<Record<'rule' | 'alarm', { id: string }>>;
  return (rule ?? alarm)?.id ?? '';
};

describe.each([
  { name: 'ruleChanged', source: ruleChanged, channel: RULE_CHANGES_CHANNEL, change: ruleChange },
  { name: 'alarmChanged', source: alarms, channel: ALARM_CHANGES_CHANNEL, change: alarmChange },
])('$name', ({ source, channel, change }) => {
  /** Subscribes, and keeps what is told. */
  function listenTo(args: Record<string, unknown>) {
    const controller = new AbortController();
    const events: unknown[] = [];
    const { signal } = controller;
    const inbox = source(pubsub, logger).subscribe(args, { signal, context });
    void (async () => {
      for await (const event of inbox) events.push(valueOf(event));
    })();
    return { events, leave: () => controller.abort() };
  }

  const connections = async () => ((await pubsub.publisher.pubsub('NUMSUB', channel)) as [string, number])[1];

  test('changes come in order, of one user where one is named, and the channel is free with the last listener', async () => {
    const all = listenTo({});
    const everybody = listenTo({ userId: null });
    const ana = listenTo({ userId: 'ana' });
    await eventually(async () => expect(await connections()).toBe(1));
    const marker = change('ana', 1);
    await eventually(async () => {
      await pubsub.publish(channel, marker);
      for (const { events } of [all, everybody, ana]) expect(events).not.toHaveLength(0);
    });
    const changes = ['ben', 'ana', 'cleo', 'ana'].map((userId, index) => change(userId, index + 2));
    for (const each of changes) await pubsub.publish(channel, each);
    const ids = ({ events }: { events: unknown[] }) => events.map(idOf).filter((id) => id !== idOf(marker));
    const everyone = changes.map(idOf);
    await eventually(() => expect(ids(all)).toStrictEqual(everyone));
    await eventually(() => expect(ids(everybody)).toStrictEqual(everyone));
    await eventually(() => expect(ids(ana)).toStrictEqual([everyone[1], everyone[3]]));
    all.leave();
    everybody.leave();
    expect(await connections()).toBe(1);
    ana.leave();
    await eventually(async () => expect(await connections()).toBe(0));
  });

  test('an event carries exactly what its snapshot says', async () => {
    const { events, leave } = listenTo({});
    await eventually(async () => expect(await connections()).toBe(1));
    await eventually(async () => {
      await pubsub.publish(channel, change('ana', 1));
      expect(events).not.toHaveLength(0);
    });
    leave();
    const selected: string[] = [];
    visit(parse(source(pubsub, logger).snapshot ?? ''), {
      Field: (_node, _key, _parent, _path, ancestors) =>
        void selected.push(
          [...ancestors, _node]
            .flatMap((node) => ('kind' in node && node.kind === Kind.FIELD ? node.name.value : []))
            .join('.'),
        ),
    });
    const paths = (value: unknown, path = ''): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, inner]) => [
            `${path}${key}`,
            ...paths(inner, `${path}${key}.`),
          ])
        : [];
    expect(selected.sort()).toStrictEqual(paths(events[0]).sort());
  });
});
