import { randomBytes } from 'node:crypto';
import { ApolloClient, gql, HttpLink, InMemoryCache, ApolloLink } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ruleStateSchema } from '@seguridad-abc/contracts';
import { OperationTypeNode } from 'graphql';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  executeOperation,
  getDefaultHeaders,
  collectPayloads,
  createWebSocketClient,
  type GraphQLResult,
} from './harness/graphql-clients.js';
import { listMetricTypes, readDocumentedMetrics } from './harness/documented-metrics.js';
import { SERVICES, startTestPlatform, type TestPlatform } from './harness/test-platform.js';
import { startTraceCollector, type CollectedSpan, type TraceCollector } from './harness/trace-collector.js';

let platform: TestPlatform;
const METRICS_TOKEN = 'metrics'.repeat(5);
let collector: TraceCollector;
beforeAll(async () => {
  collector = await startTraceCollector();
  platform = await startTestPlatform({
    env: {
      METRICS_TOKEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
});
afterAll(async () => {
  await platform.close();
  await collector.close();
});

/** The selections of the fields that are objects. */
const OBJECT_FIELDS: Readonly<Record<string, string>> = {
  userId: 'user { id }',
  windows: 'windows { days opensAt closesAt openBy }',
  calendarId: 'calendar { id }',
  activeWindows: 'activeWindows { days opensAt closesAt openBy }',
};
/** Every field of a rule, with the short form of its windows. */
const RULE_FIELDS = [
  ...Object.keys(ruleStateSchema.shape).map((field) => OBJECT_FIELDS[field] ?? field),
  'opensAt closesAt days',
].join(' ');
const CREATE = `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { ${RULE_FIELDS} } } }`;
const RULES = `query ($filter: RuleFilter) { rules(filter: $filter) { totalCount nodes { ${RULE_FIELDS} } } }`;

interface Rule {
  id: string;
  name: string;
  version: number;
  createdAt: string;
}

const createInput = (fields: Record<string, unknown> = {}) => ({
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  opensAt: '08:00',
  closesAt: '18:00',
  ...fields,
});

async function createRule(fields: Record<string, unknown>): Promise<Rule> {
  const { data, errors } = await executeOperation<{ createRule: { rule: Rule } }>(platform.url, CREATE, {
    input: createInput(fields),
  });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.createRule.rule;
}

async function readRules(userId: string): Promise<Rule[]> {
  const { data } = await executeOperation<{ rules: { nodes: Rule[] } }>(platform.url, RULES, {
    filter: { userId },
  });
  return data?.rules.nodes ?? [];
}

const getErrors = ({ errors = [] }: GraphQLResult) => errors;

describe('a rule, from command to query', () => {
  it('is returned completely by the command, and by reports', async () => {
    const rule = await createRule({ userId: 'whole', timeZone: 'Europe/Madrid', days: ['MONDAY'] });
    expect(rule).toMatchObject({
      user: { id: 'whole' },
      opensAt: '08:00',
      closesAt: '18:00',
      days: ['MONDAY'],
      timeZone: 'Europe/Madrid',
      maxOpenSeconds: null,
      severity: 'WARNING',
      enabled: true,
      deletedAt: null,
      version: 1,
    });
    await eventually(async () => expect(await readRules('whole')).toStrictEqual([rule]));
    const { data } = await executeOperation(
      platform.url,
      `query ($id: ID!) { rule(id: $id) { ${RULE_FIELDS} } user(id: "whole") { rules { totalCount } } }`,
      { id: rule.id },
    );
    expect(data).toStrictEqual({ rule, user: { rules: { totalCount: 1 } } });
  });

  it('has fields of reports in the response to the command', async () => {
    const { data, errors } = await executeOperation(
      platform.url,
      `mutation ($input: CreateRuleInput!) {
        createRule(input: $input) { rule { name user { id rules { nodes { name } } } } }
      }`,
      { input: createInput({ userId: 'reader' }) },
    );
    expect(errors).toBeUndefined();
    const rule = { name: 'Shop door', user: { id: 'reader', rules: { nodes: [{ name: 'Shop door' }] } } };
    expect(data).toStrictEqual({ createRule: { rule } });
  });

  it('can be changed and deleted, and is then absent from queries', async () => {
    const { id } = await createRule({ userId: 'changing' });
    const update = await executeOperation<{ updateRule: { rule: Rule } }>(
      platform.url,
      `mutation ($id: ID!) { updateRule(input: { id: $id, expectedVersion: 1, name: "Back door", opensAt: null, closesAt: null, maxOpenSeconds: 5 }) { rule { name version } } }`,
      { id },
    );
    expect(update.data?.updateRule.rule).toStrictEqual({ name: 'Back door', version: 2 });
    await eventually(async () =>
      expect(await readRules('changing')).toMatchObject([{ name: 'Back door', opensAt: null }]),
    );
    const gone = await executeOperation<{ deleteRule: { rule: { deletedAt: string } } }>(
      platform.url,
      `mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { deletedAt } } }`,
      { id },
    );
    expect(gone.data?.deleteRule.rule.deletedAt).toMatch(/Z$/);
    await eventually(async () => {
      const { data } = await executeOperation(platform.url, `query ($id: ID!) { rule(id: $id) { id } }`, {
        id,
      });
      expect(data).toStrictEqual({ rule: null });
    });
  });
});

describe('a refused command', () => {
  it('has code, path and every fault, and no URL of a subgraph', async () => {
    const result = await executeOperation(platform.url, CREATE, {
      input: { userId: ' ', name: '', opening: 'x'.repeat(81), opensAt: '25:00' },
    });
    const [error] = getErrors(result);
    expect(error).toMatchObject({ path: ['createRule'], extensions: { code: 'BAD_USER_INPUT' } });
    expect(error?.extensions?.['faults']).toMatchObject([
      { path: ['input', 'userId'], code: 'EMPTY' },
      { path: ['input', 'name'], code: 'EMPTY' },
      { path: ['input', 'opening'], code: 'TOO_LONG' },
      { path: ['input', 'opensAt'], code: 'INVALID' },
      { path: ['input', 'closesAt'], code: 'HALF_HOURS' },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/http|127\.0\.0\.1/);
  });

  it('has a code for unknown ids, taken names and stale versions', async () => {
    const { id } = await createRule({ userId: 'refused' });
    const getExtensions = async (operation: string) =>
      getErrors(await executeOperation(platform.url, operation))[0]?.extensions;
    expect(
      await getExtensions(`mutation { deleteRule(input: { id: "nobody" }) { rule { id } } }`),
    ).toMatchObject({
      code: 'NOT_FOUND',
    });
    const again = await executeOperation(platform.url, CREATE, { input: createInput({ userId: 'refused' }) });
    expect(getErrors(again)[0]?.extensions?.['code']).toBe('CONFLICT');
    const stale = `mutation { updateRule(input: { id: "${id}", expectedVersion: 7, name: "x" }) { rule { id } } }`;
    expect(await getExtensions(stale)).toMatchObject({ code: 'STALE_VERSION', version: 1 });
  });

  it('with wrong page arguments has the code BAD_USER_INPUT', async () => {
    const result = await executeOperation(
      platform.url,
      `{ rules(first: 0, last: 201, after: "x") { totalCount } }`,
    );
    expect(getErrors(result)[0]).toMatchObject({ path: ['rules'], extensions: { code: 'BAD_USER_INPUT' } });
  });
});

describe('the clients', () => {
  it('graphql-ws: a mutation, a query and a subscription on one WebSocket', async () => {
    const client = createWebSocketClient(platform.webSocketUrl);
    const changes = collectPayloads<{ ruleChanged: { kind: string; rule: Rule & { user: unknown } } }>(
      client,
      `subscription { ruleChanged(userId: "socket") { kind rule { id version user { id rules { totalCount } } } } }`,
    );
    // A change before Redis has confirmed the subscription would be missed.
    await eventually(async () => {
      const channels = await readChannels();
      expect(channels).toContain('seguridad:rule-changes');
    });
    await createRule({ userId: 'other' });
    const results = [];
    for await (const result of client.iterate({
      query: CREATE,
      variables: { input: createInput({ userId: 'socket' }) },
    })) {
      results.push(result);
    }
    expect(results).toMatchObject([{ data: { createRule: { rule: { version: 1 } } } }]);
    const change = await changes.waitFor(() => true);
    expect(change).toMatchObject({
      data: {
        ruleChanged: {
          kind: 'CREATED',
          rule: { version: 1, user: { id: 'socket', rules: { totalCount: 1 } } },
        },
      },
    });
    await executeOperation(
      platform.url,
      `mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }`,
      {
        id: change.data?.ruleChanged.rule.id,
      },
    );
    await changes.waitFor(({ data }) => data?.ruleChanged.kind === 'DELETED');
    expect(changes.payloads).toHaveLength(2);
    changes.unsubscribe();
    await client.dispose();
    await eventually(async () => expect(await readChannels()).not.toContain('seguridad:rule-changes'));
  });

  it('Apollo Client 4: queries and mutations over HTTP, health over a graphql-ws link', async () => {
    const webSocketClient = createWebSocketClient(platform.webSocketUrl);
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        new GraphQLWsLink(webSocketClient),
        new HttpLink({ uri: platform.url, headers: getDefaultHeaders(platform.url) }),
      ),
    });
    const { data } = await client.mutate({
      mutation: gql(CREATE),
      variables: { input: createInput({ userId: 'apollo' }) },
    });
    expect(data).toMatchObject({ createRule: { rule: { name: 'Shop door' } } });
    await eventually(async () => {
      const read = await client.query({
        query: gql(RULES),
        variables: { filter: { userId: 'apollo' } },
        fetchPolicy: 'no-cache',
      });
      expect(read.data).toMatchObject({ rules: { totalCount: 1 } });
    });
    const servicesUp = new Set<unknown>();
    await new Promise<void>((resolve, reject) => {
      client
        .subscribe<{ heartbeat: { name: string; status: string } }>({
          query: gql('subscription { heartbeat { name status } }'),
        })
        .subscribe({
          next({ data: payload }) {
            if (payload?.heartbeat.status === 'UP') servicesUp.add(payload.heartbeat.name);
            if (servicesUp.size === 4) resolve();
          },
          error: reject,
        });
    });
    client.stop();
    await webSocketClient.dispose();
  });
});

describe('the metrics of', () => {
  const readMetrics = async (name: (typeof SERVICES)[number]) => {
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    return (await fetch(`${platform.getOrigin(name)}/metrics`, { headers })).text();
  };

  it.each(SERVICES)('%s are those that docs/operations.md describes', async (name) => {
    const documented = readDocumentedMetrics().filter(({ processes }) => processes.includes(name));
    expect(listMetricTypes(await readMetrics(name))).toEqual(
      documented.map((metric) => `${metric.name} ${metric.type}`).sort(),
    );
  });

  it('the gateway count an operation, its request to a subgraph and its cache', async () => {
    const query = 'query CountedQuery { rules { totalCount } }';
    for (let count = 0; count < 2; count++) await executeOperation(platform.url, query);
    const text = await readMetrics('gateway');
    expect(text).toContain('abc_operations_total{operation="CountedQuery",kind="query",outcome="ok"} 2\n');
    expect(text).toMatch(/^abc_subgraph_requests_total\{subgraph="reports",outcome="ok"\} [1-9]/m);
    expect(text).toMatch(/^abc_cache_hits_total\{cache="operations"\} [1-9]/m);
    expect(text).toMatch(/^abc_circuit_breaker_state\{subgraph="reports",state="closed"\} 1$/m);
  });

  it('monitoring and reports agree on the position of the event log', async () => {
    await createRule({ name: 'Measured', opening: 'Measured' });
    const readValue = async (name: 'monitoring' | 'reports', metric: string) =>
      Number(new RegExp(`^${metric} (\\d+)$`, 'm').exec(await readMetrics(name))?.[1]);
    const position = await readValue('monitoring', 'abc_log_position');
    expect(position).toBeGreaterThan(0);
    await eventually(async () =>
      expect(await readValue('reports', 'abc_projection_position')).toBe(position),
    );
  });
});

/** Each span of a trace with its ancestors in the trace, the root last: `kind name (service)`. */
function describeTrace(traceId: string): string[] {
  const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
  const spans = new Map(
    collector.spans.filter((span) => span.traceId === traceId).map((span) => [span.spanId, span]),
  );
  const describeSpan = (span: CollectedSpan | undefined): string[] =>
    span
      ? [
          `${KINDS[span.kind] ?? ''} ${span.name} (${span.service.replace('seguridad-', '')})`,
          ...describeSpan(spans.get(span.parentSpanId ?? '')),
        ]
      : [];
  return [...spans.values()].map((span) => describeSpan(span).join(' < '));
}

describe('the trace of a command', () => {
  const createTraceparent = () => {
    const traceId = randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    return { traceId, spanId, header: `00-${traceId}-${spanId}-01` };
  };
  const execute = (query: string, variables: Record<string, unknown>, traceparent: string) =>
    executeOperation(platform.url, query, variables, {
      headers: { ...getDefaultHeaders(platform.url), traceparent },
    });
  const findSpan = (traceId: string, name: string, service: string) =>
    collector.spans.find(
      (span) => span.traceId === traceId && span.name === name && span.service === `seguridad-${service}`,
    );

  it('leads from the client through log and projection to the payload of its subscriber', async () => {
    const client = createWebSocketClient(platform.webSocketUrl);
    const subscribe = () =>
      collectPayloads<{ ruleChanged: { rule: { name: string } } }>(
        client,
        'subscription Watch { ruleChanged(userId: "traced") { kind rule { name } } }',
      );
    const subscriptions = [subscribe(), subscribe()];
    const waitForRule = (name: string) =>
      Promise.all(
        subscriptions.map((subscription) =>
          subscription.waitFor(({ data }) => data?.ruleChanged.rule.name === name),
        ),
      );
    // A change that the gateway reads from reports, as before its first message, has no trace.
    await eventually(async () => expect(await readChannels()).toContain('seguridad:rule-changes'));
    await createRule({ userId: 'traced', name: 'Earlier' });
    await waitForRule('Earlier');

    const { traceId, spanId, header } = createTraceparent();
    const { errors } = await execute(
      `mutation Traced${traceId} ($input: CreateRuleInput!) { createRule(input: $input) { rule { id alarmCount } } }`,
      { input: createInput({ userId: 'traced', name: 'Traced', opening: 'Secret opening' }) },
      header,
    );
    expect(errors).toBeUndefined();
    await waitForRule('Traced');

    const operation = 'server mutation (gateway)';
    const commit =
      'internal commit (monitoring) < internal command createRule (monitoring) < server mutation (monitoring) < ' +
      `client mutation (gateway) < ${operation}`;
    const change = `producer publish seguridad:rule-changes (reports) < consumer process seguridad:log (reports) < ${commit}`;
    await eventually(() =>
      expect(describeTrace(traceId)).toEqual(
        expect.arrayContaining([
          operation,
          `internal plan (gateway) < ${operation}`,
          `server query (reports) < client query (gateway) < ${operation}`,
          commit,
          `producer publish seguridad:log (monitoring) < ${commit}`,
          `consumer deliver ruleChanged (gateway) < ${change}`,
        ]),
      ),
    );
    const roots = collector.spans.filter((span) => span.parentSpanId === spanId);
    expect(roots.map(({ attributes }) => attributes)).toStrictEqual([
      {
        'graphql.operation.type': 'mutation',
        'graphql.operation.name': `Traced${traceId}`,
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'http.route': '/graphql',
        'url.path': '/graphql',
        'seguridad.correlation_id': expect.stringMatching(/^[\w-]{8,64}$/) as string,
      },
    ]);
    expect(findSpan(traceId, 'deliver ruleChanged', 'gateway')?.attributes).toMatchObject({
      'seguridad.subscribers': 2,
    });
    // Traces have no documents and no variables by default: they can contain personal data.
    expect(JSON.stringify(collector.spans)).not.toMatch(/Secret opening|CreateRuleInput/);
    await client.dispose();
  });

  it('begins anew with an operation without a context, and names the code of its error', async () => {
    const name = `Refused${randomBytes(8).toString('hex')}`;
    await executeOperation(
      platform.url,
      `mutation ${name} { deleteRule(input: { id: "unknown" }) { rule { id } } }`,
    );
    const span = await eventually(() => {
      const found = collector.spans.find((each) => each.attributes['graphql.operation.name'] === name);
      if (!found) throw new Error('The span is not exported yet.');
      return found;
    });
    expect(span.parentSpanId ?? '').toBe('');
    expect(span).toMatchObject({ status: 2, attributes: { 'error.type': 'NOT_FOUND' } });
    const trace = await eventually(() => {
      const described = describeTrace(span.traceId);
      expect(described).toContain(
        'internal command deleteRule (monitoring) < server mutation (monitoring) < client mutation (gateway) < server mutation (gateway)',
      );
      return described;
    });
    // Nothing was appended to the log.
    expect(trace.join()).not.toContain('seguridad:log');
  });

  it('leads from a reading to the payload of its alarm', async () => {
    await createRule({
      userId: 'alarmed',
      opening: 'Safe',
      opensAt: null,
      closesAt: null,
      maxOpenSeconds: 60,
    });
    const client = createWebSocketClient(platform.webSocketUrl);
    const alarms = collectPayloads<{ alarmChanged: { kind: string } }>(
      client,
      'subscription { alarmChanged(userId: "alarmed") { kind } }',
    );
    await eventually(async () => expect(await readChannels()).toContain('seguridad:alarm-changes'));
    const record = (id: string, minutesAgo: number, traceparent: string) =>
      execute(
        'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }',
        {
          input: {
            userId: 'alarmed',
            readings: [
              {
                id,
                opening: 'Safe',
                state: id.startsWith('open') ? 'OPEN' : 'CLOSED',
                at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
              },
            ],
          },
        },
        traceparent,
      );
    expect(await record('open', 10, createTraceparent().header)).toMatchObject({
      data: { recordReadings: { accepted: 1 } },
    });
    await alarms.waitFor(({ data }) => data?.alarmChanged.kind === 'RAISED');
    // The gateway may have read the first change from reports: such a change has no trace.
    const { traceId, header } = createTraceparent();
    expect(await record('closed', 5, header)).toMatchObject({ data: { recordReadings: { accepted: 1 } } });
    await alarms.waitFor(({ data }) => data?.alarmChanged.kind === 'RETRACTED');
    await eventually(() =>
      expect(describeTrace(traceId)).toContain(
        'consumer deliver alarmChanged (gateway) < producer publish seguridad:alarm-changes (reports) < ' +
          'consumer process seguridad:log (reports) < internal commit (monitoring) < ' +
          'internal command recordReadings (monitoring) < server mutation (monitoring) < ' +
          'client mutation (gateway) < server mutation (gateway)',
      ),
    );
    await client.dispose();
  });

  it('of a WebSocket is that of the extensions of the operation', async () => {
    const client = createWebSocketClient(platform.webSocketUrl);
    const { traceId, header } = createTraceparent();
    const query = '{ rules { totalCount } }';
    for await (const result of client.iterate({ query, extensions: { traceparent: header } }))
      expect(result.errors).toBeUndefined();
    await eventually(() =>
      expect(describeTrace(traceId)).toContain(
        'server query (reports) < client query (gateway) < server query (gateway)',
      ),
    );
    await client.dispose();
  });

  // The last test of this platform: its services cannot export any more.
  it('is not missed by anybody if no collector answers', async () => {
    await collector.close();
    const rule = await createRule({ userId: 'untraced' });
    await eventually(async () => expect(await readRules('untraced')).toStrictEqual([rule]));
    for (const service of SERVICES) {
      await platform.stop(service, 'SIGTERM');
      expect(platform.getOutput(service)).not.toContain('did not stop');
    }
    expect(platform.getOutput('gateway')).toContain('the last traces were not exported');
  });
});

/** The pub/sub channels with subscribers. */
async function readChannels(): Promise<string[]> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(platform.redis.url);
  try {
    return (await redis.pubsub('CHANNELS')) as string[];
  } finally {
    redis.disconnect();
  }
}
