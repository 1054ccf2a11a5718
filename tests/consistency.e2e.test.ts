import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { readFileSync } from 'node:fs';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readInstallationSecret } from '@seguridad-abc/platform';
import { createClientConsistencyTokens } from '../apps/gateway/src/requests/client-consistency-tokens.js';
import { createConsistencyLink } from '../examples/react/src/consistency-link.js';
import { executeOperation, getDefaultHeaders, createWebSocketClient } from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';
import { startSlowProxy, type SlowProxy } from './harness/slow-proxy.js';

/** Delay of the event log on its way to reports. */
const LOG_DELAY_MS = 200;
/** Long enough for several entries at this delay. */
const PROJECTION_WAIT_MS = 3_000;

let platform: TestPlatform;
let proxies: SlowProxy[];
/** Delays the event log on both ways to reports: the Redis Stream and monitoring's HTTP route. */
const delayLog = (ms: number) => {
  for (const proxy of proxies) proxy.delayMs = ms;
};
beforeAll(async () => {
  proxies = [];
  const startProxy = async (port: number) => {
    const proxy = await startSlowProxy(port);
    proxies.push(proxy);
    return proxy.port;
  };
  platform = await startTestPlatform({
    env: { PROJECTION_WAIT_MS: String(PROJECTION_WAIT_MS) },
    getReportsRedisPort: startProxy,
    getReportsMonitoringPort: startProxy,
  });
  delayLog(LOG_DELAY_MS);
});
afterAll(async () => {
  await platform.close();
  for (const proxy of proxies) await proxy.close();
});
afterEach(() => delayLog(LOG_DELAY_MS));

const CREATE = `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`;
const RULES = `query ($id: ID!) { user(id: $id) { rules { totalCount } } }`;
const createInput = (userId: string, name: string) => ({ userId, name, opening: 'Door', maxOpenSeconds: 60 });
const createUserResult = (totalCount: number) => ({ user: { rules: { totalCount } } });

/** Sends an operation over HTTP and returns the whole response, with its consistency-token header. */
async function postOperation(body: object, headers: Record<string, string> = {}) {
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...getDefaultHeaders(platform.url), ...headers },
    body: JSON.stringify(body),
  });
  const result = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: Record<string, unknown> }[];
    extensions?: { consistencyToken?: string; staleness?: number };
  };
  return { ...result, header: response.headers.get('x-consistency-token') };
}
const createRule = (userId: string, name: string) =>
  postOperation({ query: CREATE, variables: { input: createInput(userId, name) } });

describe('while reports is behind', () => {
  it('a query with a consistency token, as header or extension, sees the command; one without may not', async () => {
    await createRule('ana', 'first');
    delayLog(Infinity);
    const { extensions, header } = await createRule('ana', 'second');
    const token = extensions?.consistencyToken ?? '';
    expect(header).toBe(token);
    const variables = { id: 'ana' };
    expect((await postOperation({ query: RULES, variables })).data).not.toStrictEqual(createUserResult(2));
    delayLog(LOG_DELAY_MS);
    const results = await Promise.all([
      postOperation({ query: RULES, variables }, { 'x-consistency-token': token }),
      postOperation({ query: RULES, variables, extensions: { consistencyToken: token } }),
    ]);
    for (const result of results) {
      expect(result.data).toStrictEqual(createUserResult(2));
      expect(result.extensions).toBeUndefined();
    }
  });

  it('an operation sees its own commands', async () => {
    await createRule('luis', 'first');
    const rules = 'rule { user { rules { totalCount } } }';
    const query = `mutation ($a: CreateRuleInput!, $b: CreateRuleInput!) {
      a: createRule(input: $a) { ${rules} } b: createRule(input: $b) { ${rules} }
    }`;
    const { data } = await executeOperation(platform.url, query, {
      a: createInput('luis', 'second'),
      b: createInput('luis', 'third'),
    });
    expect(data).toStrictEqual({ a: { rule: createUserResult(2) }, b: { rule: createUserResult(3) } });
  });

  it('a query that waits too long returns stale data with its staleness', async () => {
    const { extensions } = await createRule('eva', 'first');
    const variables = { id: 'eva' };
    const headers = { 'x-consistency-token': extensions?.consistencyToken ?? '' };
    expect((await postOperation({ query: RULES, variables }, headers)).data).toStrictEqual(
      createUserResult(1),
    );
    delayLog(Infinity);
    const second = await createRule('eva', 'second');
    const stale = await postOperation(
      { query: RULES, variables },
      { 'x-consistency-token': second.header ?? '' },
    );
    expect(stale.data).toStrictEqual(createUserResult(1));
    expect(stale.extensions?.staleness).toBeGreaterThanOrEqual(PROJECTION_WAIT_MS);
  });

  it('queries see earlier commands on the same WebSocket', async () => {
    const client = createWebSocketClient(platform.webSocketUrl);
    const variables = { input: createInput('rosa', 'first') };
    expect(await executeOnce(client, { query: CREATE, variables })).toMatchObject({
      extensions: { consistencyToken: expect.any(String) as string },
    });
    expect(await executeOnce(client, { query: RULES, variables: { id: 'rosa' } })).toMatchObject({
      data: createUserResult(1),
    });
    await client.dispose();
  });

  it('a query with several tokens sees all their commands, and gets one token that covers them', async () => {
    const sent = await Promise.all(['a', 'b', 'c'].map((name) => createRule('carl', name)));
    const tokens = sent.map(({ header }) => header ?? '');
    expect(new Set(tokens).size).toBe(3);
    const query = { query: RULES, variables: { id: 'carl' } };
    const results = await Promise.all([
      postOperation(query, { 'x-consistency-token': tokens.join(', ') }),
      postOperation({ ...query, extensions: { consistencyToken: tokens } }),
    ]);
    for (const { data, header, extensions } of results) {
      expect(data).toStrictEqual(createUserResult(3));
      expect(extensions).toStrictEqual({ consistencyToken: header });
      const later = await postOperation(query, { 'x-consistency-token': header ?? '' });
      expect(later).toStrictEqual({ data: createUserResult(3), header: null });
    }
  });

  it('a 17th token is refused', async () => {
    const { header } = await createRule('dora', 'first');
    const consistencyToken = Array.from({ length: 17 }, () => header);
    const refused = await postOperation({ query: '{ __typename }', extensions: { consistencyToken } });
    expect(refused.errors).toMatchObject([
      {
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [{ path: ['extensions', 'consistencyToken'], code: 'OUT_OF_RANGE' }],
        },
      },
    ]);
  });

  it('a token of an earlier log, or of an earlier version, gets an answer with its staleness', async () => {
    await createRule('emil', 'first');
    const secret = readInstallationSecret(platform.folder, platform.databaseEnv['INSTALLATION_SECRET']);
    const at = Date.now() - 60_000;
    const earlierLog = createClientConsistencyTokens(secret).seal({ logId: 'earlier', position: 9_999, at });
    const query = { query: '{ rules { totalCount } }' };
    const first = await postOperation(query, { 'x-consistency-token': earlierLog });
    expect(first.errors).toBeUndefined();
    expect(first.extensions?.staleness).toBeGreaterThanOrEqual(60_000);

    const plain = `000000000009999.${'a'.repeat(8)}.${at}`;
    const second = await postOperation(query, { 'x-consistency-token': plain });
    expect(second.errors).toBeUndefined();
    expect(second.extensions?.staleness).toBeGreaterThan(0);
    // The new token demands nothing, so that a client that replaces its token is not stale for ever.
    const third = await postOperation(query, { 'x-consistency-token': second.header ?? '' });
    expect(third.errors).toBeUndefined();
    expect(third.extensions).toBeUndefined();
  });

  it('an invalid token is refused over HTTP and WebSocket', async () => {
    const expectedError = {
      extensions: { code: 'BAD_USER_INPUT', faults: [{ path: ['extensions', 'consistencyToken'] }] },
    };
    const request = { query: '{ rules { totalCount } }', extensions: { consistencyToken: 'x' } };
    expect((await postOperation(request)).errors).toMatchObject([expectedError]);
    const client = createWebSocketClient(platform.webSocketUrl);
    await expect(executeOnce(client, request)).rejects.toMatchObject([expectedError]);
    await client.dispose();
  });

  it.each(['HTTP', 'WebSocket'])(
    'the link of docs/clients.md sends the token with Apollo Client over %s',
    async (transport) => {
      const webSocketClient = createWebSocketClient(platform.webSocketUrl);
      const terminatingLink =
        transport === 'HTTP'
          ? new HttpLink({ uri: platform.url, headers: getDefaultHeaders(platform.url) })
          : new GraphQLWsLink(webSocketClient);
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([createConsistencyLink(), terminatingLink]),
        defaultOptions: { query: { fetchPolicy: 'no-cache' } },
      });
      const userId = `apollo-${transport}`;
      for (const ruleCount of [1, 2, 3]) {
        const variables = { input: createInput(userId, `rule ${ruleCount}`) };
        await client.mutate({ mutation: gql(CREATE), variables });
        const { data } = await client.query({ query: gql(RULES), variables: { id: userId } });
        expect(data).toMatchObject(createUserResult(ruleCount));
      }
      client.stop();
      await webSocketClient.dispose();
    },
  );

  it.each(['HTTP', 'WebSocket'])(
    'the link sees all of 20 concurrent mutations over %s, and then sends one token again',
    async (transport) => {
      const webSocketClient = createWebSocketClient(platform.webSocketUrl);
      const sentTokens: unknown[] = [];
      const recordingLink = new ApolloLink((operation, forward) => {
        sentTokens.push(operation.extensions['consistencyToken']);
        return forward(operation);
      });
      const terminatingLink =
        transport === 'HTTP'
          ? new HttpLink({ uri: platform.url, headers: getDefaultHeaders(platform.url) })
          : new GraphQLWsLink(webSocketClient);
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([createConsistencyLink(), recordingLink, terminatingLink]),
        defaultOptions: { query: { fetchPolicy: 'no-cache' } },
      });
      const userId = `concurrent-${transport}`;
      const names = Array.from({ length: 20 }, (_, index) => `rule ${index}`);
      await Promise.all(
        names.map((name) =>
          client.mutate({ mutation: gql(CREATE), variables: { input: createInput(userId, name) } }),
        ),
      );
      for (let times = 0; times < 2; times++) {
        const { data } = await client.query({ query: gql(RULES), variables: { id: userId } });
        expect(data).toMatchObject(createUserResult(20));
      }
      expect(sentTokens.map((tokens) => (tokens as string[] | undefined)?.length)).toStrictEqual([
        ...names.map(() => undefined),
        16,
        1,
      ]);
      client.stop();
      await webSocketClient.dispose();
    },
  );
});

it('docs/clients.md contains the source of the link', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  expect(read('../docs/clients.md')).toContain(read('../examples/react/src/consistency-link.ts').trim());
});

const executeOnce = (client: Client, payload: { query: string; variables?: Record<string, unknown> }) =>
  new Promise((resolve, reject) => {
    let result: unknown;
    client.subscribe(payload, {
      next: (value) => void (result = value),
      error: reject,
      complete: () => resolve(result),
    });
  });
