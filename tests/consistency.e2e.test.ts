import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { readFileSync } from 'node:fs';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConsistencyLink } from '../examples/react/src/consistency-link.js';
import { ask, authorised, socketClient } from './harness/clients.js';
import { startPlatform, type Platform } from './harness/platform.js';
import { startSlowProxy, type SlowProxy } from './harness/slow-proxy.js';

/** So late reports hears of everything. */
const SLOW_MS = 200;
/** Long enough for some turns of a slow projector. */
const WAIT_MS = 3_000;

let platform: Platform;
let proxy: SlowProxy;
beforeAll(async () => {
  platform = await startPlatform({
    env: { PROJECTION_WAIT_MS: String(WAIT_MS) },
    async redisOfReports(port) {
      proxy = await startSlowProxy(port);
      return proxy.port;
    },
  });
  proxy.delayMs = SLOW_MS;
});
afterAll(async () => {
  await platform.close();
  await proxy.close();
});
afterEach(() => void (proxy.delayMs = SLOW_MS));

const CREATE = `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`;
const RULES = `query ($id: ID!) { user(id: $id) { rules { totalCount } } }`;
const input = (userId: string, name: string) => ({ userId, name, opening: 'Door', maxOpenSeconds: 60 });
const count = (totalCount: number) => ({ user: { rules: { totalCount } } });

/** One operation over HTTP, with everything that its answer brings. */
async function post(body: object, headers: Record<string, string> = {}) {
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorised(platform.url), ...headers },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: Record<string, unknown> }[];
    extensions?: { consistencyToken?: string; staleness?: number };
  };
  return { ...answer, header: response.headers.get('x-consistency-token') };
}
const create = (userId: string, name: string) =>
  post({ query: CREATE, variables: { input: input(userId, name) } });

describe('while reports is slow', () => {
  it('a query without a token may miss what was written; with it, as header or extension, it sees it', async () => {
    await create('ana', 'first');
    const { extensions, header } = await create('ana', 'second');
    const token = extensions?.consistencyToken ?? '';
    expect(header).toBe(token);
    const variables = { id: 'ana' };
    expect((await post({ query: RULES, variables })).data).not.toStrictEqual(count(2));
    const answers = await Promise.all([
      post({ query: RULES, variables }, { 'x-consistency-token': token }),
      post({ query: RULES, variables, extensions: { consistencyToken: token } }),
    ]);
    for (const answer of answers) {
      expect(answer.data).toStrictEqual(count(2));
      expect(answer.extensions).toBeUndefined();
    }
  });

  it('an operation sees its own commands', async () => {
    await create('luis', 'first');
    const rules = 'rule { user { rules { totalCount } } }';
    const query = `mutation ($a: CreateRuleInput!, $b: CreateRuleInput!) {
      a: createRule(input: $a) { ${rules} } b: createRule(input: $b) { ${rules} }
    }`;
    const { data } = await ask(platform.url, query, {
      a: input('luis', 'second'),
      b: input('luis', 'third'),
    });
    expect(data).toStrictEqual({ a: { rule: count(2) }, b: { rule: count(3) } });
  });

  it('what cannot be waited for longer is answered, and how stale it is', async () => {
    const { extensions } = await create('eva', 'first');
    const variables = { id: 'eva' };
    const headers = { 'x-consistency-token': extensions?.consistencyToken ?? '' };
    expect((await post({ query: RULES, variables }, headers)).data).toStrictEqual(count(1));
    proxy.delayMs = Infinity;
    const second = await create('eva', 'second');
    const stale = await post({ query: RULES, variables }, { 'x-consistency-token': second.header ?? '' });
    expect(stale.data).toStrictEqual(count(1));
    expect(stale.extensions?.staleness).toBeGreaterThanOrEqual(WAIT_MS);
  });

  it('queries that follow a command on the same socket see it', async () => {
    const client = socketClient(platform.socketUrl);
    const variables = { input: input('rosa', 'first') };
    expect(await once(client, { query: CREATE, variables })).toMatchObject({
      extensions: { consistencyToken: expect.any(String) as string },
    });
    expect(await once(client, { query: RULES, variables: { id: 'rosa' } })).toMatchObject({ data: count(1) });
    await client.dispose();
  });

  it('what is no token is refused, over HTTP and on a socket', async () => {
    const refusal = {
      extensions: { code: 'BAD_USER_INPUT', faults: [{ path: ['extensions', 'consistencyToken'] }] },
    };
    const request = { query: '{ rules { totalCount } }', extensions: { consistencyToken: 'x' } };
    expect((await post(request)).errors).toMatchObject([refusal]);
    const client = socketClient(platform.socketUrl);
    await expect(once(client, request)).rejects.toMatchObject([refusal]);
    await client.dispose();
  });

  it.each(['HTTP', 'WebSocket'])(
    'the link of docs/clients.md does it for Apollo Client over %s',
    async (way) => {
      const socket = socketClient(platform.socketUrl);
      const send =
        way === 'HTTP'
          ? new HttpLink({ uri: platform.url, headers: authorised(platform.url) })
          : new GraphQLWsLink(socket);
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([createConsistencyLink(), send]),
        defaultOptions: { query: { fetchPolicy: 'no-cache' } },
      });
      const userId = `apollo-${way}`;
      for (const written of [1, 2, 3]) {
        const variables = { input: input(userId, `rule ${written}`) };
        await client.mutate({ mutation: gql(CREATE), variables });
        const { data } = await client.query({ query: gql(RULES), variables: { id: userId } });
        expect(data).toMatchObject(count(written));
      }
      client.stop();
      await socket.dispose();
    },
  );
});

it('docs/clients.md shows the link as it is', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  expect(read('../docs/clients.md')).toContain(read('../examples/react/src/consistency-link.ts').trim());
});

const once = (client: Client, payload: { query: string; variables?: Record<string, unknown> }) =>
  new Promise((resolve, reject) => {
    let answer: unknown;
    client.subscribe(payload, {
      next: (value) => void (answer = value),
      error: reject,
      complete: () => resolve(answer),
    });
  });
