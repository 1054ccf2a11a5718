import type { Actor } from '@seguridad-abc/contracts';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collectPayloads,
  createTestCaller,
  getErrorCodes,
  type GraphQLResult,
  type TestCaller,
} from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

const CREATE = `mutation ($input: CreateRuleInput!) {
  createRule(input: $input) { clientMutationId rule { id user { id } name version } }
}`;
const UPDATE = `mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id name } } }`;
const DELETE = `mutation ($input: DeleteRuleInput!) { deleteRule(input: $input) { rule { id } } }`;
const RULES =
  'query ($filter: RuleFilter) { rules(filter: $filter) { totalCount nodes { id user { id } } } }';

const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { code } }
}`;
const ACKNOWLEDGE = `mutation ($input: AcknowledgeAlarmInput!) {
  acknowledgeAlarm(input: $input) { clientMutationId alarm { id note } }
}`;
const ALARMS =
  'query ($filter: AlarmFilter) { alarms(filter: $filter) { totalCount nodes { id user { id } } } }';
/** The start of the oldest interval. Readings of customers and devices may be a day old. */
const BASE_MS = Date.now() - 23 * 3_600_000;
const atMinute = (minute: number) => new Date(BASE_MS + minute * 60_000).toISOString();
const SIMULATE = `query ($userId: ID) {
  simulateRule(
    rule: { userId: $userId, opening: "Safe", maxOpenSeconds: 1 }
    from: "${atMinute(-1)}"
    to: "${atMinute(2)}"
  ) { intervals alarms { kind } }
}`;
/** Readings of an interval of two minutes. */
const createReadings = (opening: string, id: string) => [
  { id: `${id}-open`, opening, state: 'OPEN', at: atMinute(0) },
  { id: `${id}-closed`, opening, state: 'CLOSED', at: atMinute(2) },
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

let platform: TestPlatform;
let ana: TestCaller, ben: TestCaller, olga: TestCaller, sensor: TestCaller;
/** Id of a rule of Ana. */
let ruleId: string;
/** Id of an alarm of Ana: her safe was open too long. */
let alarmId: string;
const actors = {
  ana: { id: 'ana', role: 'customer' },
  ben: { id: 'ben', role: 'customer' },
  olga: { id: 'olga', role: 'operator' },
  sensor: { id: 'ana', role: 'device' },
} as const satisfies Record<string, Actor>;

const createInput = (name: string, fields: Record<string, unknown> = {}) => ({
  name,
  opening: 'Door',
  maxOpenSeconds: 60,
  ...fields,
});
/** The result as text, with the id replaced, so that results for different ids can be compared. */
const serializeResult = ({ data, errors }: GraphQLResult<unknown>, id: string) =>
  JSON.stringify({ data, errors }).replaceAll(id, 'ID');

beforeAll(async () => {
  platform = await startTestPlatform();
  [ana, ben, olga, sensor] = await Promise.all([
    createTestCaller(platform, actors.ana),
    createTestCaller(platform, actors.ben),
    createTestCaller(platform, actors.olga),
    createTestCaller(platform, actors.sensor),
  ]);
  const { data } = await ana.execute<Created>(CREATE, { input: createInput('Hers') });
  ruleId = data?.createRule.rule.id ?? '';
  await ben.execute(CREATE, { input: createInput('His') });
  for (const caller of [ana, ben]) {
    await caller.execute(CREATE, {
      input: createInput('Safe', { opening: 'Safe', effectiveFrom: '2025-01-01T00:00:00Z' }),
    });
    await caller.execute(RECORD, { input: { readings: createReadings('Safe', 'secret') } });
  }
  alarmId = await eventually(async () => {
    const { data } = await ana.execute<Alarms>(ALARMS);
    const found = data?.alarms?.nodes[0]?.id;
    if (found === undefined) throw new Error('There is no alarm yet.');
    return found;
  });
});
afterAll(async () => {
  for (const { webSocketClient } of [ana, ben, olga, sensor]) await webSocketClient.dispose();
  await platform.close();
});

const transports = [
  ['HTTP', (caller: TestCaller) => caller.execute.bind(caller)],
  ['WebSocket', (caller: TestCaller) => caller.executeOverWebSocket.bind(caller)],
] as const;

describe.each(transports)('over %s', (transport, executeAs) => {
  it('a customer creates rules for themselves only', async () => {
    const own = await executeAs(ana)<Created>(CREATE, {
      input: createInput(`Own ${transport}`, { userId: 'ana' }),
    });
    expect(own.data?.createRule.rule.user.id).toBe('ana');
    const other = await executeAs(ben)(CREATE, {
      input: createInput(`Not his ${transport}`, { userId: 'ana' }),
    });
    expect(other.errors).toMatchObject([
      { path: ['createRule'], extensions: { code: 'FORBIDDEN', faults: [{ path: ['input', 'userId'] }] } },
    ]);
  });

  it('an operator creates rules for every user, by default for herself', async () => {
    for (const [userId, owner] of [
      ['ana', 'ana'],
      [undefined, 'olga'],
    ] as const) {
      const created = await executeAs(olga)<Created>(CREATE, {
        input: createInput(`By olga ${transport}`, { userId }),
      });
      expect(created.data?.createRule.rule.user.id).toBe(owner);
    }
  });

  it('rules list the caller’s own, and all for an operator', async () => {
    const readOwners = async (caller: TestCaller, filter?: Record<string, unknown>) => {
      const { data } = await executeAs(caller)<Rules>(RULES, { filter });
      return new Set(data?.rules?.nodes.map(({ user }) => user.id));
    };
    expect(await readOwners(ana)).toStrictEqual(new Set(['ana']));
    expect(await readOwners(ben)).toStrictEqual(new Set(['ben']));
    expect(await readOwners(ben, { userId: 'ben' })).toStrictEqual(new Set(['ben']));
    expect((await readOwners(olga)).size).toBeGreaterThan(1);
    expect(await readOwners(olga, { userId: 'ana' })).toStrictEqual(new Set(['ana']));
  });

  it('a filter for another user is refused with its path', async () => {
    expect(await executeAs(ben)(RULES, { filter: { userId: 'ana' } })).toMatchObject({
      data: { rules: null },
      errors: [
        { path: ['rules'], extensions: { code: 'FORBIDDEN', faults: [{ path: ['filter', 'userId'] }] } },
      ],
    });
    expect(
      getErrorCodes(await executeAs(ben)('{ viewer { rules(filter: { userId: "ana" }) { totalCount } } }')),
    ).toStrictEqual(['FORBIDDEN']);
  });

  it('another user’s rule gets the same result as an unknown id, in queries and commands', async () => {
    const unknownId = '0197c0de-0000-7000-8000-000000000000';
    for (const query of [
      ['query ($id: ID!) { rule(id: $id) { id name } }', (id: string) => ({ id })],
      [UPDATE, (id: string) => ({ input: { id, name: 'Mine now' } })],
      [UPDATE, (id: string) => ({ input: { id, expectedVersion: 7, name: '' } })],
      [DELETE, (id: string) => ({ input: { id } })],
    ] as const) {
      const [document, variables] = query;
      const foreign = await executeAs(ben)(document, variables(ruleId));
      const unknown = await executeAs(ben)(document, variables(unknownId));
      expect(serializeResult(foreign, ruleId)).toBe(serializeResult(unknown, unknownId));
      expect(JSON.stringify(foreign)).not.toContain('Hers');
    }
    expect(await executeAs(ben)('{ user(id: "ana") { id rules { totalCount } } }')).toStrictEqual({
      data: { user: null },
    });
    expect(
      (await executeAs(ana)<{ rule: unknown }>(`{ rule(id: "${ruleId}") { name } }`)).data?.rule,
    ).toStrictEqual({
      name: 'Hers',
    });
  });

  it('alarms and openings list the caller’s own, and all for an operator', async () => {
    const readOwners = async (caller: TestCaller, filter?: Record<string, unknown>) => {
      const { data } = await executeAs(caller)<Alarms>(ALARMS, { filter });
      return new Set(data?.alarms?.nodes.map(({ user }) => user.id));
    };
    expect(await readOwners(ana)).toStrictEqual(new Set(['ana']));
    expect(await readOwners(ben, { ruleId })).toStrictEqual(new Set());
    expect(await readOwners(olga)).toStrictEqual(new Set(['ana', 'ben']));
    expect(await executeAs(ben)(ALARMS, { filter: { userId: 'ana' } })).toMatchObject({
      data: { alarms: null },
      errors: [{ extensions: { code: 'FORBIDDEN', faults: [{ path: ['filter', 'userId'] }] } }],
    });
    expect(getErrorCodes(await executeAs(ben)(SIMULATE, { userId: 'ana' }))).toStrictEqual(['FORBIDDEN']);
    expect(await executeAs(ben)(SIMULATE)).toMatchObject({ data: { simulateRule: { intervals: 1 } } });
    interface Openings {
      viewer: { openings: { name: string; rules: { user: { id: string } }[] }[] };
    }
    const { data } = await executeAs(ben)<Openings>('{ viewer { openings { name rules { user { id } } } } }');
    expect(data?.viewer.openings.map(({ name }) => name)).toEqual(expect.arrayContaining(['Door', 'Safe']));
    const rules = data?.viewer.openings.flatMap((opening) => opening.rules) ?? [];
    expect(new Set(rules.map(({ user }) => user.id))).toStrictEqual(new Set(['ben']));
  });

  it('another user’s alarm gets the same result as an unknown id', async () => {
    const unknownId = alarmId.split('').reverse().join('');
    for (const [document, variables] of [
      ['query ($id: ID!) { alarm(id: $id) { id reason } }', (id: string) => ({ id })],
      [ACKNOWLEDGE, (id: string) => ({ input: { id, note: 'x' } })],
      [ACKNOWLEDGE, (id: string) => ({ input: { id, clientMutationId: `ack ${transport}` } })],
    ] as const) {
      const foreign = await executeAs(ben)(document, variables(alarmId));
      const unknown = await executeAs(ben)(document, variables(unknownId));
      expect(serializeResult(foreign, alarmId)).toBe(serializeResult(unknown, unknownId));
      expect(JSON.stringify(foreign)).not.toContain('Safe');
    }
  });

  it('customers and devices record their own readings, an operator those of every user', async () => {
    const record = (caller: TestCaller, userId: string | undefined, id: string) =>
      executeAs(caller)(RECORD, {
        input: { userId, readings: createReadings('Window', `${id} ${transport}`) },
      });
    const accepted = { data: { recordReadings: { accepted: 2 } } };
    expect(await record(ana, undefined, 'ana')).toMatchObject(accepted);
    expect(await record(sensor, undefined, 'sensor')).toMatchObject(accepted);
    expect(await record(sensor, 'ana', 'sensor again')).toMatchObject(accepted);
    expect(await record(olga, 'ana', 'olga')).toMatchObject(accepted);
    for (const caller of [ben, sensor]) {
      const other = caller === ben ? 'ana' : 'ben';
      expect(await record(caller, other, 'other')).toMatchObject({
        errors: [
          {
            path: ['recordReadings'],
            extensions: { code: 'FORBIDDEN', faults: [{ path: ['input', 'userId'] }] },
          },
        ],
      });
    }
    // The ids of Ana's readings do not matter for Ben's opening of the same name.
    expect(
      await executeAs(ben)(RECORD, { input: { readings: createReadings('Window', `ana ${transport}`) } }),
    ).toMatchObject(accepted);
  });

  it('viewer returns the caller', async () => {
    expect(await executeAs(ana)('{ viewer { id } }')).toStrictEqual({ data: { viewer: { id: 'ana' } } });
    expect(await executeAs(olga)('{ viewer { id } }')).toStrictEqual({ data: { viewer: { id: 'olga' } } });
  });

  it('a device cannot change or read rules and alarms, but can read health', async () => {
    for (const [query, variables] of [
      [CREATE, { input: createInput('A device’s') }],
      [UPDATE, { input: { id: ruleId, name: 'x' } }],
      [DELETE, { input: { id: ruleId } }],
      [`{ rule(id: "${ruleId}") { name } }`, {}],
      ['{ rules { totalCount } }', {}],
      ['{ viewer { id } }', {}],
      ['{ alarms { totalCount } }', {}],
      [`{ alarm(id: "${alarmId}") { id } }`, {}],
      [SIMULATE, {}],
      [ACKNOWLEDGE, { input: { id: alarmId } }],
      ['{ user(id: "ana") { id } }', {}],
    ] as const) {
      expect([query, getErrorCodes(await executeAs(sensor)(query, variables))]).toStrictEqual([
        query,
        ['FORBIDDEN'],
      ]);
    }
    const { data } = await executeAs(sensor)<{ services: unknown[] }>('{ services { name status } }');
    expect(data?.services).toHaveLength(4);
  });

  it('idempotency keys are separate per caller', async () => {
    const keyed = createInput(`Keyed ${transport}`, { clientMutationId: `key ${transport}` });
    const anaResult = await executeAs(ana)<Created>(CREATE, { input: keyed });
    const benResult = await executeAs(ben)<Created>(CREATE, { input: keyed });
    expect(anaResult.data?.createRule.rule.user.id).toBe('ana');
    expect(benResult.data?.createRule.rule.user.id).toBe('ben');
    expect(benResult.data?.createRule.rule.id).not.toBe(anaResult.data?.createRule.rule.id);
  });

  it('a cursor of another user’s list does not give access to it', async () => {
    const edges = 'rules(first: 50, after: $after) { edges { cursor node { user { id } } } }';
    interface Edges {
      rules: { edges: { cursor: string; node: { user: { id: string } } }[] };
    }
    const all = await executeAs(olga)<Edges>(
      `{ rules(first: 50) { edges { cursor node { user { id } } } } }`,
    );
    for (const { cursor } of all.data?.rules.edges ?? []) {
      const { data } = await executeAs(ben)<Edges>(`query ($after: String) { ${edges} }`, { after: cursor });
      expect(data?.rules.edges.every(({ node }) => node.user.id === 'ben')).toBe(true);
    }
  });
});

describe('subscriptions', () => {
  interface Changed {
    ruleChanged: { rule: { name: string; user: { id: string } } };
  }
  const CHANGES = 'subscription ($userId: ID) { ruleChanged(userId: $userId) { rule { name user { id } } } }';
  const ALARM_CHANGES =
    'subscription ($userId: ID) { alarmChanged(userId: $userId) { kind alarm { note user { id } } } }';
  /** Moves readings by so many times 3 minutes, so that intervals do not touch. */
  const moveBySteps = (steps: string) => (reading: ReturnType<typeof createReadings>[0]) => ({
    ...reading,
    at: new Date(Date.parse(reading.at) + Number(steps) * 180_000).toISOString(),
  });
  const getRuleNames = (collected: { payloads: readonly { data?: Changed | null | undefined }[] }) =>
    collected.payloads.map(({ data }) => data?.ruleChanged.rule.name);

  it('send each caller the changes of their own rules only', async () => {
    const anaChanges = collectPayloads<Changed>(ana.webSocketClient, CHANGES);
    const benChanges = collectPayloads<Changed>(ben.webSocketClient, CHANGES, { userId: 'ben' });
    const all = collectPayloads<Changed>(olga.webSocketClient, CHANGES);
    const anaChangesForOlga = collectPayloads<Changed>(olga.webSocketClient, CHANGES, { userId: 'ana' });
    // Repeats until the subscriptions are active.
    for (let index = 0; getRuleNames(all).length === 0 || getRuleNames(anaChanges).length === 0; index++) {
      await ana.execute(CREATE, { input: createInput(`First ${index}`, { opening: `Door ${index}` }) });
    }
    await ben.execute(CREATE, { input: createInput('Rule of ben') });
    await ana.execute(CREATE, { input: createInput('Rule of ana') });
    const isRule = (name: string) => (payload: { data?: Changed | null | undefined }) =>
      payload.data?.ruleChanged.rule.name === name;
    await anaChanges.waitFor(isRule('Rule of ana'));
    await benChanges.waitFor(isRule('Rule of ben'));
    await all.waitFor(isRule('Rule of ana'));
    await anaChangesForOlga.waitFor(isRule('Rule of ana'));
    expect(getRuleNames(anaChanges)).not.toContain('Rule of ben');
    expect(getRuleNames(anaChangesForOlga)).not.toContain('Rule of ben');
    expect(getRuleNames(benChanges)).toStrictEqual(['Rule of ben']);
    expect(getRuleNames(all)).toEqual(expect.arrayContaining(['Rule of ana', 'Rule of ben']));
    for (const collected of [anaChanges, benChanges, all, anaChangesForOlga]) collected.unsubscribe();
  });

  it.each([
    ['another user', () => ben, { userId: 'ana' }],
    ['a device', () => sensor, {}],
  ])('are refused for %s', async (_, getCaller, variables) => {
    for (const query of [CHANGES, ALARM_CHANGES]) {
      await expect(collectPayloads(getCaller().webSocketClient, query, variables).ended).rejects.toThrow(
        /FORBIDDEN/,
      );
    }
  });

  it('send each caller the changes of their own alarms only', async () => {
    interface AlarmChanged {
      alarmChanged: { alarm: { note: string | null; user: { id: string } } };
    }
    const anaChanges = collectPayloads<AlarmChanged>(ana.webSocketClient, ALARM_CHANGES);
    const benChanges = collectPayloads<AlarmChanged>(ben.webSocketClient, ALARM_CHANGES);
    const all = collectPayloads<AlarmChanged>(olga.webSocketClient, ALARM_CHANGES);
    const raiseAlarm = async (caller: TestCaller, id: string) => {
      await caller.execute(RECORD, { input: { readings: createReadings('Safe', id).map(moveBySteps(id)) } });
    };
    for (let index = 1; all.payloads.length === 0 || anaChanges.payloads.length === 0; index++) {
      await raiseAlarm(ana, String(index));
    }
    await raiseAlarm(ben, '100');
    const getOwner = ({ data }: { data?: AlarmChanged | null | undefined }) =>
      data?.alarmChanged.alarm.user.id;
    await benChanges.waitFor(() => true);
    await all.waitFor((payload) => getOwner(payload) === 'ben');
    expect(new Set(benChanges.payloads.map(getOwner))).toStrictEqual(new Set(['ben']));
    expect(new Set(anaChanges.payloads.map(getOwner))).toStrictEqual(new Set(['ana']));
    for (const collected of [anaChanges, benChanges, all]) collected.unsubscribe();
  });

  it('to health are open to every caller', async () => {
    const health = collectPayloads(sensor.webSocketClient, 'subscription { heartbeat { name } }');
    await health.waitFor(() => true);
    health.unsubscribe();
  });
});

describe('commands', () => {
  it('are recorded in the event log with the caller and the role', async () => {
    await ana.execute(CREATE, { input: createInput('Recorded') });
    const headers = { [INSTALLATION_SECRET_HEADER]: readInstallationSecret(platform.folder, undefined) };
    const response = await fetch(`${platform.getOrigin('monitoring')}/log?after=0`, { headers });
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
