import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { issueEmbeddedToken, type TokenSubject } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startTestGateway } from './testing/test-gateway.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const compose = (url: string): string => {
  const typeDefs = `
    extend schema @link(
      url: "https://specs.apollo.dev/federation/v2.9"
      import: ["@authenticated", { name: "@requiresScopes", as: "@scoped" }, "@policy"]
    )
    type Query {
      open: String
      inside: String @authenticated
      scoped: String @scoped(scopes: [["read:x"], ["read:y", "read:z"]])
      judged: String @policy(policies: [["adult"]])
    }
    type Subscription { changed: String  scopedChanged: String @scoped(scopes: [["read:x"]]) }
  `;
  const { supergraphSdl, errors } = composeServices([{ name: 'vault', url, typeDefs: parse(typeDefs) }]);
  if (supergraphSdl === undefined) throw new AggregateError(errors);
  return supergraphSdl;
};

/** Starts a gateway for a supergraph with authorization directives, whose subgraph answers every field. */
async function start(settings: Record<string, string> = {}) {
  const asked: string[] = [];
  const subgraph = createServer((request, response) => {
    void json(request).then((body) => {
      const { query } = body as { query: string };
      asked.push(query);
      const data = Object.fromEntries(['open', 'inside', 'scoped', 'judged'].map((name) => [name, name]));
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    });
  }).listen(0, '127.0.0.1');
  await once(subgraph, 'listening');
  cleanUp.push(() => subgraph.close());
  const supergraphSdl = compose(`http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/`);
  const gateway = await startTestGateway(
    {
      SUBSCRIPTION_CHANNELS: JSON.stringify({
        'Subscription.changed': 'changed',
        'Subscription.scopedChanged': 'changed',
      }),
      ...settings,
    },
    { supergraphSdl },
  );
  cleanUp.push(() => gateway.stop());
  const url = `${gateway.origin}/graphql`;
  const issue = async (claims: Partial<TokenSubject> = {}) =>
    `Bearer ${await issueEmbeddedToken(gateway.dataFolder, { id: 'ana', role: 'customer', ...claims }, 60_000)}`;
  const ask = async (request: string | object, authorization?: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify(typeof request === 'string' ? { query: request } : request),
    });
    const { data, errors, extensions } = (await response.json()) as {
      data?: Record<string, unknown>;
      errors?: { message: string; path?: unknown[]; extensions: { code: string } }[];
      extensions?: Record<string, unknown>;
    };
    const codes = errors?.map((error) => [error.extensions.code, error.path?.join('.')]);
    return { status: response.status, data, codes, extensions };
  };
  return { asked, issue, ask, url: url.replace('http', 'ws') };
}

const QUERY = '{ open inside scoped judged }';
const UNAUTHORIZED = 'UNAUTHORIZED_FIELD_OR_TYPE';

describe('a caller may access', () => {
  test('what the claims of its token allow, and no subgraph is asked for anything else', async () => {
    const { asked, issue, ask } = await start();
    expect(await ask(QUERY, await issue())).toMatchObject({
      status: 200,
      data: { open: 'open', inside: 'inside', scoped: null, judged: null },
      codes: [
        [UNAUTHORIZED, 'scoped'],
        [UNAUTHORIZED, 'judged'],
      ],
    });
    expect(asked).toStrictEqual(['{open inside}']);
    const tokens = [{ scope: 'read:x' }, { scope: 'read:y' }, { scope: 'read:y read:z', policies: 'adult' }];
    const answers = [];
    for (const claims of tokens) answers.push((await ask(QUERY, await issue(claims))).data);
    expect(answers).toMatchObject([
      { scoped: 'scoped', judged: null },
      { scoped: null, judged: null },
      { scoped: 'scoped', judged: 'judged' },
    ]);
  });

  test('the same of an operation that another caller has registered by its hash', async () => {
    const { issue, ask } = await start();
    const sha256Hash = createHash('sha256').update(QUERY).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const reader = await issue({ scope: 'read:x' });
    expect((await ask({ query: QUERY, extensions }, reader)).data).toMatchObject({ scoped: 'scoped' });
    expect((await ask({ extensions }, await issue())).data).toMatchObject({ inside: 'inside', scoped: null });
    expect((await ask({ extensions }, reader)).data).toMatchObject({ scoped: 'scoped' });
  });

  test('what other claims allow, if the settings name them', async () => {
    const { issue, ask } = await start({ AUTH_SCOPE_CLAIM: 'policies', AUTH_POLICY_CLAIM: 'scope' });
    const token = await issue({ scope: 'adult', policies: 'read:x' });
    expect((await ask(QUERY, token)).data).toMatchObject({ scoped: 'scoped', judged: 'judged' });
  });

  test('nothing that has a directive with AUTH=off: nobody has claims', async () => {
    const { asked, ask } = await start({ AUTH: 'off' });
    expect((await ask(QUERY)).data).toStrictEqual({ open: 'open', inside: null, scoped: null, judged: null });
    expect(asked).toStrictEqual(['{open}']);
  });
});

describe('the settings', () => {
  test('UNAUTHORIZED_OPERATIONS=reject refuses the whole operation', async () => {
    const { asked, issue, ask } = await start({ UNAUTHORIZED_OPERATIONS: 'reject' });
    expect(await ask(QUERY, await issue({ policies: 'adult' }))).toMatchObject({
      status: 403,
      data: undefined,
      codes: [[UNAUTHORIZED, 'scoped']],
    });
    expect(asked).toHaveLength(0);
    expect((await ask('{ open inside }', await issue())).status).toBe(200);
  });

  test('UNAUTHORIZED_ERRORS moves the errors', async () => {
    const { issue, ask } = await start({ UNAUTHORIZED_ERRORS: 'extensions' });
    const { codes, extensions } = await ask('{ scoped }', await issue());
    expect(codes).toBeUndefined();
    expect(extensions).toMatchObject({
      authorizationErrors: [{ path: ['scoped'], extensions: { code: UNAUTHORIZED } }],
    });
  });

  test('UNAUTHORIZED_DRY_RUN executes the operation unchanged', async () => {
    const { issue, ask } = await start({ UNAUTHORIZED_DRY_RUN: 'true' });
    expect(await ask('{ scoped }', await issue())).toMatchObject({
      data: { scoped: 'scoped' },
      codes: [[UNAUTHORIZED, 'scoped']],
    });
  });
});

describe('a WebSocket', () => {
  const connect = async (url: string, authorization: string) => {
    let socket: WebSocket | undefined;
    const closed: unknown[] = [];
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      connectionParams: { authorization },
      onNonLazyError: () => undefined,
      on: {
        opened: (opened) => (socket = opened as WebSocket),
        closed: (event) => closed.push((event as { code: number }).code),
      },
    });
    cleanUp.push(() => client.dispose());
    await eventually(() => expect(socket?.readyState).toBe(WebSocket.OPEN));
    return {
      closed,
      subscribe: (query: string) => {
        const ends: unknown[] = [];
        client.subscribe(
          { query },
          {
            next: () => undefined,
            error: (error) => void ends.push(error),
            complete: () => void ends.push('complete'),
          },
        );
        return ends;
      },
      renew: (token: string) =>
        socket?.send(JSON.stringify({ type: 'ping', payload: { authorization: token } })),
    };
  };

  test('cannot subscribe to a field that its caller may not access', async () => {
    const { issue, url } = await start();
    const { subscribe } = await connect(url, await issue());
    const ends = subscribe('subscription { scopedChanged }');
    await eventually(() =>
      expect(ends).toMatchObject([[{ path: ['scopedChanged'], extensions: { code: UNAUTHORIZED } }]]),
    );
  });

  test('takes a new token with as many scopes, and is closed by one with fewer', async () => {
    const { issue, url } = await start();
    const { renew, closed, subscribe } = await connect(url, await issue({ scope: 'read:x' }));
    const ends = subscribe('subscription { scopedChanged }');
    renew(await issue({ scope: 'read:y read:x' }));
    renew(await issue({ scope: 'read:x' }));
    await eventually(() => expect(closed).toStrictEqual([4403]));
    expect(ends).toHaveLength(1);
  });
});
