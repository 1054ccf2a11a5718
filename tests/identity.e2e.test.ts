import type { Actor } from '@seguridad-abc/contracts';
import { once } from 'node:events';
import { eventually } from '@seguridad-abc/platform/testing';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { as, type As } from './harness/as.js';
import { ask, collect, type GraphQLAnswer } from './harness/clients.js';
import { startPlatform, type Platform } from './harness/platform.js';

const CREATE = `mutation ($input: CreateRuleInput!) {
  createRule(input: $input) { clientMutationId rule { id user { id } name version } }
}`;
const UPDATE = `mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id name } } }`;
const DELETE = `mutation ($input: DeleteRuleInput!) { deleteRule(input: $input) { rule { id } } }`;
const RULES = 'query ($of: RuleFilter) { rules(filter: $of) { totalCount nodes { id user { id } } } }';

const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { code } }
}`;
const ACKNOWLEDGE = `mutation ($input: AcknowledgeAlarmInput!) {
  acknowledgeAlarm(input: $input) { clientMutationId alarm { id note } }
}`;
const ALARMS = 'query ($of: AlarmFilter) { alarms(filter: $of) { totalCount nodes { id user { id } } } }';
const SIMULATE = `query ($userId: ID) {
  simulateRule(
    rule: { userId: $userId, opening: "Safe", maxOpenSeconds: 1 }
    from: "2026-01-01T00:00:00Z"
    to: "2026-01-02T00:00:00Z"
  ) { intervals alarms { kind } }
}`;
/** An opening for two minutes. */
const openings = (opening: string, id: string) => [
  { id: `${id}-open`, opening, state: 'OPEN', at: '2026-01-01T10:00:00Z' },
  { id: `${id}-closed`, opening, state: 'CLOSED', at: '2026-01-01T10:02:00Z' },
];

interface Alarms {
  alarms: { totalCount: number; nodes: { id: string; user: { id: string } }[] } | null;
}
interface Created {
  createRule: { rule: { id: string; user: { id: string }; name: string } };
}
interface Rules {
  rules: { totalCount: number; nodes: { id: string; user: { id: string } }[] } | null;
}

let platform: Platform;
let ana: As, ben: As, olga: As, sensor: As;
/** Ana's. */
let rule: string;
/** Ana's: her safe was open too long. */
let alarm: string;
const actors = {
  ana: { id: 'ana', role: 'customer' },
  ben: { id: 'ben', role: 'customer' },
  olga: { id: 'olga', role: 'operator' },
  sensor: { id: 'ana', role: 'device' },
} as const satisfies Record<string, Actor>;

const input = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  opening: 'Door',
  maxOpenSeconds: 60,
  ...more,
});
const codes = ({ errors = [] }: GraphQLAnswer<unknown>) =>
  errors.map(({ extensions }) => extensions?.['code']);
/** Without what differs from request to request. */
const told = ({ data, errors }: GraphQLAnswer<unknown>, id: string) =>
  JSON.stringify({ data, errors }).replaceAll(id, 'ID');

beforeAll(async () => {
  platform = await startPlatform();
  [ana, ben, olga, sensor] = await Promise.all([
    as(platform, actors.ana),
    as(platform, actors.ben),
    as(platform, actors.olga),
    as(platform, actors.sensor),
  ]);
  const { data } = await ana.ask<Created>(CREATE, { input: input('Hers') });
  rule = data?.createRule.rule.id ?? '';
  await ben.ask(CREATE, { input: input('His') });
  for (const who of [ana, ben]) {
    await who.ask(CREATE, {
      input: input('Safe', { opening: 'Safe', effectiveFrom: '2025-01-01T00:00:00Z' }),
    });
    await who.ask(RECORD, { input: { readings: openings('Safe', 'secret') } });
  }
  alarm = await eventually(async () => {
    const { data } = await ana.ask<Alarms>(ALARMS);
    const found = data?.alarms?.nodes[0]?.id;
    if (found === undefined) throw new Error('There is no alarm yet.');
    return found;
  });
});
afterAll(async () => {
  for (const { socket } of [ana, ben, olga, sensor]) await socket.dispose();
  await platform.close();
});

const ways = [
  ['HTTP', (who: As) => who.ask.bind(who)],
  ['WebSocket', (who: As) => who.askOverSocket.bind(who)],
] as const;

describe.each(ways)('over %s', (_, via) => {
  it('a customer makes rules of their own, and of nobody else', async () => {
    const own = await via(ana)<Created>(CREATE, { input: input(`Own ${_}`, { userId: 'ana' }) });
    expect(own.data?.createRule.rule.user.id).toBe('ana');
    const other = await via(ben)(CREATE, { input: input(`Not his ${_}`, { userId: 'ana' }) });
    expect(other.errors).toMatchObject([
      { path: ['createRule'], extensions: { code: 'FORBIDDEN', faults: [{ path: ['input', 'userId'] }] } },
    ]);
  });

  it('an operator acts for all, and for herself where she names nobody', async () => {
    for (const [userId, owner] of [
      ['ana', 'ana'],
      [undefined, 'olga'],
    ] as const) {
      const made = await via(olga)<Created>(CREATE, { input: input(`By olga ${_}`, { userId }) });
      expect(made.data?.createRule.rule.user.id).toBe(owner);
    }
  });

  it('lists hold what is the caller’s, and all for an operator', async () => {
    const owners = async (who: As, of?: Record<string, unknown>) => {
      const { data } = await via(who)<Rules>(RULES, { of });
      return new Set(data?.rules?.nodes.map(({ user }) => user.id));
    };
    expect(await owners(ana)).toStrictEqual(new Set(['ana']));
    expect(await owners(ben)).toStrictEqual(new Set(['ben']));
    expect(await owners(ben, { userId: 'ben' })).toStrictEqual(new Set(['ben']));
    expect((await owners(olga)).size).toBeGreaterThan(1);
    expect(await owners(olga, { userId: 'ana' })).toStrictEqual(new Set(['ana']));
  });

  it('a filter that names another user is refused, with its path', async () => {
    expect(await via(ben)(RULES, { of: { userId: 'ana' } })).toMatchObject({
      data: { rules: null },
      errors: [
        { path: ['rules'], extensions: { code: 'FORBIDDEN', faults: [{ path: ['filter', 'userId'] }] } },
      ],
    });
    expect(
      codes(await via(ben)('{ viewer { rules(filter: { userId: "ana" }) { totalCount } } }')),
    ).toStrictEqual(['FORBIDDEN']);
  });

  it('another’s rule is as one that is not there: by id, for every command, and as a user', async () => {
    const ofNobody = '0197c0de-0000-7000-8000-000000000000';
    for (const query of [
      ['query ($id: ID!) { rule(id: $id) { id name } }', (id: string) => ({ id })],
      [UPDATE, (id: string) => ({ input: { id, name: 'Mine now' } })],
      [UPDATE, (id: string) => ({ input: { id, expectedVersion: 7, name: '' } })],
      [DELETE, (id: string) => ({ input: { id } })],
    ] as const) {
      const [document, variables] = query;
      const theirs = await via(ben)(document, variables(rule));
      const nobodys = await via(ben)(document, variables(ofNobody));
      expect(told(theirs, rule)).toBe(told(nobodys, ofNobody));
      expect(JSON.stringify(theirs)).not.toContain('Hers');
    }
    expect(await via(ben)('{ user(id: "ana") { id rules { totalCount } } }')).toStrictEqual({
      data: { user: null },
    });
    expect((await via(ana)<{ rule: unknown }>(`{ rule(id: "${rule}") { name } }`)).data?.rule).toStrictEqual({
      name: 'Hers',
    });
  });

  it('alarms and openings are the caller’s, and all for an operator', async () => {
    const owners = async (who: As, of?: Record<string, unknown>) => {
      const { data } = await via(who)<Alarms>(ALARMS, { of });
      return new Set(data?.alarms?.nodes.map(({ user }) => user.id));
    };
    expect(await owners(ana)).toStrictEqual(new Set(['ana']));
    expect(await owners(ben, { ruleId: rule })).toStrictEqual(new Set());
    expect(await owners(olga)).toStrictEqual(new Set(['ana', 'ben']));
    expect(await via(ben)(ALARMS, { of: { userId: 'ana' } })).toMatchObject({
      data: { alarms: null },
      errors: [{ extensions: { code: 'FORBIDDEN', faults: [{ path: ['filter', 'userId'] }] } }],
    });
    expect(codes(await via(ben)(SIMULATE, { userId: 'ana' }))).toStrictEqual(['FORBIDDEN']);
    expect(await via(ben)(SIMULATE)).toMatchObject({ data: { simulateRule: { intervals: 1 } } });
    interface Openings {
      viewer: { openings: { name: string; rules: { user: { id: string } }[] }[] };
    }
    const { data } = await via(ben)<Openings>('{ viewer { openings { name rules { user { id } } } } }');
    expect(data?.viewer.openings.map(({ name }) => name)).toEqual(expect.arrayContaining(['Door', 'Safe']));
    const rules = data?.viewer.openings.flatMap((opening) => opening.rules) ?? [];
    expect(new Set(rules.map(({ user }) => user.id))).toStrictEqual(new Set(['ben']));
  });

  it('another’s alarm is as one that is not there', async () => {
    const ofNobody = alarm.split('').reverse().join('');
    for (const [document, variables] of [
      ['query ($id: ID!) { alarm(id: $id) { id reason } }', (id: string) => ({ id })],
      [ACKNOWLEDGE, (id: string) => ({ input: { id, note: 'x' } })],
      [ACKNOWLEDGE, (id: string) => ({ input: { id, clientMutationId: `ack ${_}` } })],
    ] as const) {
      const theirs = await via(ben)(document, variables(alarm));
      const nobodys = await via(ben)(document, variables(ofNobody));
      expect(told(theirs, alarm)).toBe(told(nobodys, ofNobody));
      expect(JSON.stringify(theirs)).not.toContain('Safe');
    }
  });

  it('readings are recorded for oneself; a device does that and no more, an operator for anyone', async () => {
    const sent = (who: As, userId: string | undefined, id: string) =>
      via(who)(RECORD, { input: { userId, readings: openings('Window', `${id} ${_}`) } });
    const accepted = { data: { recordReadings: { accepted: 2 } } };
    expect(await sent(ana, undefined, 'ana')).toMatchObject(accepted);
    expect(await sent(sensor, undefined, 'sensor')).toMatchObject(accepted);
    expect(await sent(sensor, 'ana', 'sensor again')).toMatchObject(accepted);
    expect(await sent(olga, 'ana', 'olga')).toMatchObject(accepted);
    for (const who of [ben, sensor]) {
      const other = who === ben ? 'ana' : 'ben';
      expect(await sent(who, other, 'other')).toMatchObject({
        errors: [
          {
            path: ['recordReadings'],
            extensions: { code: 'FORBIDDEN', faults: [{ path: ['input', 'userId'] }] },
          },
        ],
      });
    }
    // One's reading's id means nothing for the other's opening of the same name.
    expect(await via(ben)(RECORD, { input: { readings: openings('Window', `ana ${_}`) } })).toMatchObject(
      accepted,
    );
  });

  it('the viewer is the caller', async () => {
    expect(await via(ana)('{ viewer { id } }')).toStrictEqual({ data: { viewer: { id: 'ana' } } });
    expect(await via(olga)('{ viewer { id } }')).toStrictEqual({ data: { viewer: { id: 'olga' } } });
  });

  it('a device commands no rule and reads none, but may see health', async () => {
    for (const [query, variables] of [
      [CREATE, { input: input('A device’s') }],
      [UPDATE, { input: { id: rule, name: 'x' } }],
      [DELETE, { input: { id: rule } }],
      [`{ rule(id: "${rule}") { name } }`, {}],
      ['{ rules { totalCount } }', {}],
      ['{ viewer { id } }', {}],
      ['{ alarms { totalCount } }', {}],
      [`{ alarm(id: "${alarm}") { id } }`, {}],
      [SIMULATE, {}],
      [ACKNOWLEDGE, { input: { id: alarm } }],
      ['{ user(id: "ana") { id } }', {}],
    ] as const) {
      expect([query, codes(await via(sensor)(query, variables))]).toStrictEqual([query, ['FORBIDDEN']]);
    }
    const { data } = await via(sensor)<{ services: unknown[] }>('{ services { name status } }');
    expect(data?.services).toHaveLength(4);
  });

  it('an idempotency key of one caller means nothing to another', async () => {
    const keyed = input(`Keyed ${_}`, { clientMutationId: `key ${_}` });
    const hers = await via(ana)<Created>(CREATE, { input: keyed });
    const his = await via(ben)<Created>(CREATE, { input: keyed });
    expect(hers.data?.createRule.rule.user.id).toBe('ana');
    expect(his.data?.createRule.rule.user.id).toBe('ben');
    expect(his.data?.createRule.rule.id).not.toBe(hers.data?.createRule.rule.id);
  });

  it('a cursor of another’s list opens nothing', async () => {
    const edges = 'rules(first: 50, after: $after) { edges { cursor node { user { id } } } }';
    interface Edges {
      rules: { edges: { cursor: string; node: { user: { id: string } } }[] };
    }
    const all = await via(olga)<Edges>(`{ rules(first: 50) { edges { cursor node { user { id } } } } }`);
    for (const { cursor } of all.data?.rules.edges ?? []) {
      const { data } = await via(ben)<Edges>(`query ($after: String) { ${edges} }`, { after: cursor });
      expect(data?.rules.edges.every(({ node }) => node.user.id === 'ben')).toBe(true);
    }
  });
});

describe('subscriptions', () => {
  interface Changed {
    ruleChanged: { rule: { name: string; user: { id: string } } };
  }
  const CHANGES = 'subscription ($of: ID) { ruleChanged(userId: $of) { rule { name user { id } } } }';
  const ALARM_CHANGES =
    'subscription ($of: ID) { alarmChanged(userId: $of) { kind alarm { note user { id } } } }';
  const later = (hours: string) => (reading: ReturnType<typeof openings>[0]) => ({
    ...reading,
    at: new Date(Date.parse(reading.at) + Number(hours) * 3_600_000).toISOString(),
  });
  const namesOf = (received: { values: readonly { data?: Changed | null | undefined }[] }) =>
    received.values.map(({ data }) => data?.ruleChanged.rule.name);

  it('bring each caller what is theirs, whatever they ask for', async () => {
    const hers = collect<Changed>(ana.socket, CHANGES);
    const his = collect<Changed>(ben.socket, CHANGES, { of: 'ben' });
    const all = collect<Changed>(olga.socket, CHANGES);
    const ofAna = collect<Changed>(olga.socket, CHANGES, { of: 'ana' });
    // Until all of them hear: each of these comes to everyone whom it concerns.
    for (let index = 0; namesOf(all).length === 0 || namesOf(hers).length === 0; index++) {
      await ana.ask(CREATE, { input: input(`First ${index}`) });
    }
    await ben.ask(CREATE, { input: input('Heard by ben') });
    await ana.ask(CREATE, { input: input('Heard by ana') });
    const isLast = (name: string) => (value: { data?: Changed | null | undefined }) =>
      value.data?.ruleChanged.rule.name === name;
    await hers.first(isLast('Heard by ana'));
    await his.first(isLast('Heard by ben'));
    await all.first(isLast('Heard by ana'));
    await ofAna.first(isLast('Heard by ana'));
    expect(namesOf(hers)).not.toContain('Heard by ben');
    expect(namesOf(ofAna)).not.toContain('Heard by ben');
    expect(namesOf(his)).toStrictEqual(['Heard by ben']);
    expect(namesOf(all)).toEqual(expect.arrayContaining(['Heard by ana', 'Heard by ben']));
    for (const received of [hers, his, all, ofAna]) received.stop();
  });

  it.each([
    ['another’s', () => ben, { of: 'ana' }],
    ['any, as a device', () => sensor, {}],
  ])('to %s changes are refused', async (_, who, variables) => {
    for (const query of [CHANGES, ALARM_CHANGES]) {
      await expect(collect(who().socket, query, variables).ended).rejects.toThrow(/FORBIDDEN/);
    }
  });

  it('bring alarms to those whose they are', async () => {
    interface AlarmChanged {
      alarmChanged: { alarm: { note: string | null; user: { id: string } } };
    }
    const hers = collect<AlarmChanged>(ana.socket, ALARM_CHANGES);
    const his = collect<AlarmChanged>(ben.socket, ALARM_CHANGES);
    const all = collect<AlarmChanged>(olga.socket, ALARM_CHANGES);
    const raise = async (who: As, id: string) => {
      await who.ask(RECORD, { input: { readings: openings('Safe', id).map(later(id)) } });
    };
    for (let index = 1; all.values.length === 0 || hers.values.length === 0; index++) {
      await raise(ana, String(index));
    }
    await raise(ben, '100');
    const owner = ({ data }: { data?: AlarmChanged | null | undefined }) => data?.alarmChanged.alarm.user.id;
    await his.first(() => true);
    await all.first((value) => owner(value) === 'ben');
    expect(new Set(his.values.map(owner))).toStrictEqual(new Set(['ben']));
    expect(new Set(hers.values.map(owner))).toStrictEqual(new Set(['ana']));
    for (const received of [hers, his, all]) received.stop();
  });

  it('to health are for every caller', async () => {
    const health = collect(sensor.socket, 'subscription { heartbeat { name } }');
    await health.first(() => true);
    health.stop();
  });
});

describe('without a good token', () => {
  const WITH = 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEiLCJyb2xlIjoib3BlcmF0b3IiLCJleHAiOjk5OTk5OTk5OTl9.';

  it.each([{}, { authorization: WITH }, { authorization: 'Basic YW5hOmFuYQ==' }])(
    'nothing is answered over HTTP: %j',
    async (headers: Record<string, string>) => {
      const response = await fetch(platform.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ rules { totalCount } }' }),
      });
      expect(response.status).toBe(401);
      const answer = (await response.json()) as GraphQLAnswer;
      expect(codes(answer)).toStrictEqual(['UNAUTHENTICATED']);
      expect(answer).not.toHaveProperty('data');
    },
  );

  it.each([undefined, { authorization: WITH }, { headers: { authorization: WITH } }])(
    'a socket is closed, and a client that gets no better token gives up: %j',
    async (connectionParams) => {
      let tries = 0;
      const client = createClient({
        url: platform.socketUrl,
        webSocketImpl: WebSocket,
        ...(connectionParams && { connectionParams }),
        retryAttempts: 1,
        retryWait: () => Promise.resolve(),
        on: { connecting: () => void (tries += 1) },
      });
      const ended = new Promise((resolve, reject) => {
        client.subscribe(
          { query: '{ services { name } }' },
          { next: resolve, error: reject, complete: () => resolve(0) },
        );
      });
      await expect(ended).rejects.toMatchObject({ code: 4403 });
      expect(tries).toBe(2);
      await client.dispose();
    },
  );

  it.each(['/status.json', '/status/reports.svg'])('%s is not told', async (path) => {
    expect((await fetch(platform.origin('gateway') + path)).status).toBe(401);
  });

  it.each(['monitoring', 'reports', 'heartbeat'] as const)(
    'nor by %s itself, also not with a token or to a forged gateway',
    async (name) => {
      const authorization = await platform.authorization(actors.olga);
      for (const headers of [
        {},
        { authorization },
        { authorization, 'x-installation-secret': 'x'.repeat(43) },
        { 'x-installation-secret': '' },
      ] as Record<string, string>[]) {
        const response = await fetch(`${platform.origin(name)}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ query: '{ __typename }' }),
        });
        expect(response.status).toBe(401);
        expect(codes((await response.json()) as GraphQLAnswer)).toStrictEqual(['UNAUTHENTICATED']);
      }
    },
  );

  it.each([
    ['monitoring', '/log?after=0'],
    ['heartbeat', '/report'],
    ['heartbeat', '/maintenance'],
  ] as const)('nor by %s at %s', async (name, path) => {
    const authorization = await platform.authorization(actors.olga);
    expect((await fetch(platform.origin(name) + path, { headers: { authorization } })).status).toBe(401);
  });

  it('the figures of a service are not told, but whether it is ready', async () => {
    const response = await fetch(`${platform.origin('reports')}/ready`);
    expect(await response.json()).toStrictEqual({ service: 'reports', ready: true });
  });
});

describe('a token that ends', () => {
  it('ends the subscriptions of its socket with a code, unless a new one comes on it', async () => {
    const { issueEmbeddedToken } = await import('@seguridad-abc/platform');
    // It holds five seconds longer than it says.
    const brief = async () => `Bearer ${await issueEmbeddedToken(platform.folder, actors.ana, 2_000)}`;
    const sockets: WebSocket[] = [];
    const open = async () => {
      const client = createClient({
        url: platform.socketUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: await brief() },
        retryAttempts: 0,
        on: { opened: (socket) => void sockets.push(socket as WebSocket) },
      });
      return { client, health: collect(client, 'subscription { heartbeat { name } }') };
    };
    const left = await open();
    await left.health.first(() => true);
    const renewed = await open();
    await renewed.health.first(() => true);
    const authorization = await platform.authorization(actors.ana);
    sockets[1]?.send(JSON.stringify({ type: 'ping', payload: { authorization } }));
    await expect(left.health.ended).rejects.toThrow(/TOKEN_EXPIRED/);
    const [answer] = [await collect(renewed.client, '{ viewer { id } }').first(() => true)];
    expect(answer.data).toStrictEqual({ viewer: { id: 'ana' } });
    await expect(collect(left.client, '{ viewer { id } }').first(() => true)).rejects.toThrow(
      /UNAUTHENTICATED/,
    );
    renewed.health.stop();
    await left.client.dispose();
    await renewed.client.dispose();
  });

  it('cannot be followed by another user’s on the same socket', async () => {
    const sockets: WebSocket[] = [];
    const client = createClient({
      url: platform.socketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await platform.authorization(actors.ana) },
      retryAttempts: 0,
      on: { opened: (socket) => void sockets.push(socket as WebSocket) },
    });
    const health = collect(client, 'subscription { heartbeat { name } }');
    await health.first(() => true);
    const authorization = await platform.authorization(actors.ben);
    const closed = once(sockets[0]!, 'close');
    sockets[0]?.send(JSON.stringify({ type: 'ping', payload: { authorization } }));
    await expect(health.ended).rejects.toThrow();
    expect((await closed)[0]).toBe(4403);
    await client.dispose();
  });
});

describe('commands', () => {
  it('are on record with who gave them, in what role', async () => {
    await ana.ask(CREATE, { input: input('Recorded') });
    const { INSTALLATION_HEADER, readInstallationSecret } = await import('@seguridad-abc/platform');
    const headers = { [INSTALLATION_HEADER]: readInstallationSecret(platform.folder, undefined) };
    const response = await fetch(`${platform.origin('monitoring')}/log?after=0`, { headers });
    const { entries } = (await response.json()) as {
      entries: { type: string; actor: Actor | null; data: { rule?: { name: string } } }[];
    };
    expect(entries.find(({ data }) => data.rule?.name === 'Recorded')?.actor).toStrictEqual(actors.ana);
    const readings = entries.filter(({ type }) => type === 'ReadingsRecorded');
    expect(new Set(readings.map(({ actor }) => actor?.role))).toStrictEqual(
      new Set(['customer', 'device', 'operator']),
    );
  });
});

describe('where the status is public', () => {
  it('health is told to everyone, and nothing else', async () => {
    await platform.end('gateway', 'SIGTERM');
    await platform.end('heartbeat', 'SIGTERM');
    const open = await startPlatform({ env: { PUBLIC_STATUS: 'true', NODE_ENV: 'production' } });
    try {
      const anyone = (query: string) => ask(open.url, query, {}, { headers: {} });
      expect(
        (await anyone('{ services { name } service(name: "reports") { status } }')).errors,
      ).toBeUndefined();
      expect(codes(await anyone('{ services { name } rules { totalCount } }'))).toStrictEqual([
        'UNAUTHENTICATED',
      ]);
      expect(codes(await anyone('{ ...on Query { viewer { id } } }'))).toStrictEqual(['UNAUTHENTICATED']);
      expect((await fetch(`${open.origin('gateway')}/status.json`)).status).toBe(200);
      const client = createClient({ url: open.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
      const health = collect(client, 'subscription { heartbeat { name } }');
      await health.first(() => true);
      await expect(collect(client, 'subscription { ruleChanged { kind } }').ended).rejects.toThrow(
        /UNAUTHENTICATED/,
      );
      health.stop();
      await client.dispose();
    } finally {
      await open.close();
      await platform.start('heartbeat');
      await platform.start('gateway');
    }
  });
});
