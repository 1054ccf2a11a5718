import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { issueEmbeddedToken, type Logger } from '@seguridad-abc/platform';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import type { GatewaySession } from '../requests/authentication.js';
import { startTestGateway } from '../testing/test-gateway.js';
import { TOOL_OPERATIONS } from './generated.js';
import { createPersistedOperations } from './persisted-operations.js';
import { hashDocument } from './safelist.js';

const NAME: ListedOperation = {
  id: 'name-1',
  name: 'Name',
  type: 'query',
  body: 'query Name { __typename }',
};
const LIVE: ListedOperation = {
  id: 'live-1',
  name: 'Live',
  type: 'subscription',
  body: 'subscription Live { heartbeat { name } }',
};
const UNLISTED = 'query Other { other: __typename }';
const HOUR_MS = 3_600_000;

type ListedOperation = (typeof TOOL_OPERATIONS)[number];

let folder: ReturnType<typeof temporaryFolder>;
const cleanUp: (() => unknown)[] = [];
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
  folder.remove();
});

const getManifestPath = () => join(folder.path, 'manifest.json');
/** Replaces the file in one step, as a deployment does. */
function writeManifest(operations: readonly ListedOperation[], path = getManifestPath()) {
  writeFileSync(
    `${path}.new`,
    JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }),
  );
  renameSync(`${path}.new`, path);
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

async function start(mode: string, settings: Record<string, string> = {}) {
  const gateway = await startTestGateway(
    {
      PUBLIC_STATUS: 'true',
      PERSISTED_OPERATIONS_MODE: mode,
      PERSISTED_OPERATIONS_MANIFEST: mode === 'off' ? '' : getManifestPath(),
      ...settings,
    },
    {
      sources: {
        heartbeat: {
          async *subscribe() {
            await Promise.resolve();
            yield { name: 'reports' };
          },
        },
      },
    },
  );
  cleanUp.push(() => gateway.stop());
  const url = `${gateway.origin}/graphql`;
  const token = await issueEmbeddedToken(gateway.dataFolder, { id: 'ana', role: 'operator' }, HOUR_MS);
  const authorization = `Bearer ${token}`;
  const send = async (request: RequestInit & { search?: string }): Promise<Answer> => {
    const response = await fetch(`${url}${request.search ?? ''}`, {
      ...request,
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        authorization,
        ...(request.headers as Record<string, string> | undefined),
      },
    });
    const text = await response.text();
    return { status: response.status, code: /"code":"(\w+)"/.exec(text)?.[1], text };
  };
  const post = (body: object, headers = {}) => send({ method: 'POST', body: JSON.stringify(body), headers });
  return { url, authorization, send, post };
}

type RunningGateway = Awaited<ReturnType<typeof start>>;

async function runOverWebSocket({ url, authorization }: RunningGateway, payload: { query: string }) {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  cleanUp.push(() => client.dispose());
  return new Promise<string>((resolve) => {
    client.subscribe(payload, {
      next: (result) => resolve(JSON.stringify(result)),
      error: (error) => resolve(JSON.stringify(error)),
      complete: () => undefined,
    });
  });
}

/** How a client sends a document by id, over each transport. */
const TRANSPORTS: Record<string, (gateway: RunningGateway, query: string, id: string) => Promise<string>> = {
  POST: async ({ post }, query, id) => (await post(id ? { documentId: id } : { query })).text,
  'POST with the extension': async ({ post }, query, sha256Hash) => {
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    return (await post(sha256Hash ? { extensions } : { query })).text;
  },
  GET: async ({ send }, query, id) => {
    const parameters = new URLSearchParams(id ? { documentId: id } : { query });
    return (await send({ search: `?${parameters.toString()}` })).text;
  },
  'server-sent events': async ({ post }, query, id) =>
    (await post(id ? { documentId: id } : { query }, { accept: 'text/event-stream' })).text,
  multipart: async ({ post }, query, id) =>
    (
      await post(id ? { documentId: id } : { query }, {
        accept: 'multipart/mixed;subscriptionSpec=1.0, application/json',
      })
    ).text,
  WebSocket: (gateway, query, id) =>
    runOverWebSocket(gateway, { query: id ? '' : query, ...(id && { documentId: id }) }),
};

const isStream = (transport: string) => ['server-sent events', 'multipart', 'WebSocket'].includes(transport);

describe.each(Object.keys(TRANSPORTS))('over %s', (transport) => {
  const run = TRANSPORTS[transport]!;
  const operation = isStream(transport) ? LIVE : NAME;
  const DATA = isStream(transport) ? '"reports"' : '{"data":{"__typename":"Query"}}';

  test('enforce accepts listed ids and texts, and refuses other texts', async () => {
    writeManifest([NAME, LIVE]);
    const gateway = await start('enforce');
    expect(await run(gateway, '', operation.id)).toContain(DATA);
    expect(await run(gateway, '', hashDocument(operation.body))).toContain(DATA);
    expect(await run(gateway, operation.body, '')).toContain(DATA);
    expect(await run(gateway, `# A comment\n${operation.body.replaceAll(' ', '  ')}`, '')).toContain(DATA);
    expect(await run(gateway, UNLISTED, '')).toContain('OPERATION_NOT_ALLOWED');
    expect(await run(gateway, '', 'unknown')).toContain('PERSISTED_QUERY_NOT_FOUND');
  });

  test('ids-only accepts listed ids, and refuses texts', async () => {
    writeManifest([NAME, LIVE]);
    const gateway = await start('ids-only');
    expect(await run(gateway, '', operation.id)).toContain(DATA);
    for (const text of [operation.body, UNLISTED]) {
      expect(await run(gateway, text, '')).toContain('by id only');
    }
    expect(await run(gateway, '', 'unknown')).toContain('OPERATION_NOT_ALLOWED');
  });

  test('log-unknown accepts listed ids and all texts', async () => {
    writeManifest([NAME, LIVE]);
    const gateway = await start('log-unknown');
    expect(await run(gateway, '', operation.id)).toContain(DATA);
    expect(await run(gateway, operation.body, '')).toContain(DATA);
    expect(await run(gateway, UNLISTED, '')).toContain('{"data":{"other":"Query"}}');
  });
});

test('refusals have the status 403, and 200 for clients that accept application/json only', async () => {
  writeManifest([NAME]);
  const { post } = await start('enforce');
  expect(await post({ query: UNLISTED })).toMatchObject({ status: 403, code: 'OPERATION_NOT_ALLOWED' });
  expect(await post({ query: UNLISTED }, { accept: 'application/json' })).toMatchObject({ status: 200 });
});

test('an id and the text of another operation are refused', async () => {
  const other = { ...NAME, id: 'b', name: 'B', body: 'query B { __typename }' };
  writeManifest([NAME, other]);
  const { post } = await start('enforce');
  expect(await post({ query: NAME.body, documentId: 'b' })).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await post({ query: NAME.body, documentId: NAME.id })).toMatchObject({ code: undefined });
});

test('the operations of the tools, and outside production introspection, are always listed', async () => {
  writeManifest([NAME]);
  const [checkAccess] = TOOL_OPERATIONS;
  for (const NODE_ENV of ['development', 'production']) {
    const { post } = await start('enforce', { NODE_ENV });
    expect((await post({ query: checkAccess?.body })).text).toContain('"__typename":"Query"');
    const introspection = await post({ query: getIntrospectionQuery() });
    expect(introspection.code).toBe(NODE_ENV === 'production' ? 'OPERATION_NOT_ALLOWED' : undefined);
  }
});

test('the mode binds operators, and does not change who is asked for a token', async () => {
  writeManifest([NAME]);
  const { post } = await start('enforce', { PUBLIC_STATUS: 'false', NODE_ENV: 'production' });
  expect(await post({ query: UNLISTED }, { authorization: '' })).toMatchObject({ status: 401 });
  expect(await post({ query: UNLISTED })).toMatchObject({ status: 403 });
});

describe('a changed manifest', () => {
  const ADDED = { ...NAME, id: 'added', name: 'Added', body: 'query Added { __typename }' };

  test('is used', async () => {
    writeManifest([NAME]);
    const { post } = await start('enforce');
    expect(await post({ query: ADDED.body })).toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
    writeManifest([ADDED]);
    await eventually(async () =>
      expect(await post({ query: ADDED.body })).toMatchObject({ code: undefined }),
    );
    expect(await post({ query: NAME.body })).toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });

  test('is not used if it is invalid', async () => {
    writeManifest([NAME]);
    const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const operations = await createPersistedOperations({
      mode: 'enforce',
      manifestPaths: [getManifestPath()],
      getSchema: () => buildSchema('type Query { a: Int }'),
      hasIntrospection: false,
      maxDocumentBytes: 1_000,
      logger: logger as unknown as Logger,
    });
    cleanUp.push(() => operations.stop());
    const session = { credentials: { caller: undefined } } as GatewaySession;
    const resolve = (query: string) =>
      operations.hooks.resolveDocument?.({ query, documentId: undefined }, session);

    writeManifest([ADDED, { ...NAME, id: 'bad', body: 'query Name { nonsense }' }]);
    await eventually(() => expect(logger.error).toHaveBeenCalledOnce());
    const [[details, message]] = logger.error.mock.calls as [[{ error: string }, string]];
    expect(details.error).toContain('The operation Name is invalid: Cannot query field "nonsense"');
    expect(message).toContain('the previous list of operations is still used');
    expect(resolve(NAME.body)).toBe(NAME.body);
    expect(() => resolve(ADDED.body)).toThrow('not in the list of allowed operations');

    writeManifest([ADDED]);
    await eventually(() => expect(resolve(ADDED.body)).toBe(ADDED.body));
  });

  test('is used although another manifest is invalid', async () => {
    const otherPath = join(folder.path, 'other.json');
    writeManifest([NAME], otherPath);
    writeManifest([NAME]);
    const error = vi.fn();
    const operations = await createPersistedOperations({
      mode: 'enforce',
      manifestPaths: [getManifestPath(), otherPath],
      getSchema: () => buildSchema('type Query { a: Int }'),
      hasIntrospection: false,
      maxDocumentBytes: 1_000,
      logger: { info: vi.fn(), warn: vi.fn(), error } as unknown as Logger,
    });
    cleanUp.push(() => operations.stop());
    const session = { credentials: { caller: undefined } } as GatewaySession;
    writeManifest([{ ...NAME, id: 'bad', body: 'query Name { nonsense }' }], otherPath);
    await eventually(() => expect(error).toHaveBeenCalledOnce());
    writeManifest([ADDED]);
    await eventually(() =>
      expect(operations.hooks.resolveDocument?.({ query: ADDED.body, documentId: undefined }, session)).toBe(
        ADDED.body,
      ),
    );
  });
});

test.each([
  [
    'the operation is invalid',
    [{ ...NAME, body: 'query Name { nonsense }' }],
    'The operation Name is invalid',
  ],
  [
    'two operations have one id',
    [NAME, { ...NAME, name: 'B', body: 'query B { __typename }' }],
    'The operation B has the id of another operation: name-1',
  ],
])('the gateway does not start if %s', async (_, operations, message) => {
  writeManifest(operations);
  await expect(start('enforce')).rejects.toThrow(message);
});

test('the gateway does not start without its manifest', async () => {
  await expect(start('enforce')).rejects.toThrow('cannot be read');
});

describe('automatic persisted queries', () => {
  const byHash = (query: string) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: hashDocument(query) } },
  });

  test('are registered by callers with a token only, and are open to all', async () => {
    const { post } = await start('off');
    const anonymous = { authorization: '' };
    const [own, other] = ['{ __typename }', '{ other: __typename }'];
    expect(await post({ query: other, ...byHash(other) }, anonymous)).toMatchObject({ code: undefined });
    expect(await post(byHash(other))).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    await post({ query: own, ...byHash(own) });
    expect((await post(byHash(own), anonymous)).text).toBe('{"data":{"__typename":"Query"}}');
  });

  test('are registered only if they are valid and within the limits', async () => {
    const { post } = await start('off', { MAX_ROOT_FIELDS: '1' });
    for (const query of ['{ nonsense }', '{ a: __typename b: __typename }', '{']) {
      expect((await post({ query, ...byHash(query) })).code).toBeDefined();
      expect(await post(byHash(query))).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    }
  });

  test('are not registered by enforcing modes', async () => {
    writeManifest([NAME]);
    const { post } = await start('enforce');
    const variant = `${NAME.body} `;
    expect(await post({ query: variant, ...byHash(variant) })).toMatchObject({ code: undefined });
    expect(await post(byHash(variant))).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
  });

  test('can be turned off', async () => {
    const { post } = await start('off', { PERSISTED_QUERY_CACHE_BYTES: '0' });
    expect(await post(byHash('{ a }'))).toMatchObject({ code: 'PERSISTED_QUERY_NOT_SUPPORTED' });
  });
});

describe("Apollo Client's persisted query link", () => {
  const QUERY = gql`
    query Name {
      __typename
    }
  `;
  async function query({ url, authorization }: RunningGateway, generateHash: () => string) {
    const bodies: Record<string, unknown>[] = [];
    const recordingFetch: typeof fetch = (input, init) => {
      bodies.push(JSON.parse(init?.body as string) as Record<string, unknown>);
      return fetch(input, init);
    };
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([
        new PersistedQueryLink({ generateHash }),
        new HttpLink({ uri: url, headers: { authorization }, fetch: recordingFetch }),
      ]),
    });
    const { data } = await client.query({ query: QUERY, fetchPolicy: 'network-only' });
    return { data, sentTexts: bodies.map((body) => body['query'] !== undefined) };
  }
  const printed = 'query Name {\n  __typename\n}';

  test.each([
    ['off', hashDocument(printed), [false, true]],
    ['enforce', 'a hash that is not in the manifest', [false, true]],
    ['enforce', NAME.id, [false]],
    ['ids-only', NAME.id, [false]],
  ])('works with %s, by the id %s', async (mode, id, sentTexts) => {
    writeManifest([NAME]);
    const gateway = await start(mode);
    expect(await query(gateway, () => id)).toStrictEqual({ data: { __typename: 'Query' }, sentTexts });
  });
});
