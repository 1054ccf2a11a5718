import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Writable } from 'node:stream';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBadUserInputError } from './errors.js';
import { createHttpServer } from './http-server.js';
import { createIdentityService } from './identity-service.js';
import { createStringScalar, serveSubgraph } from './subgraph-server.js';
import { freePort, NO_IDENTITY, temporaryFolder } from './testing/index.js';

const folder = temporaryFolder();
const lines: string[] = [];
const sink = new Writable({
  write(line: Buffer, _encoding, done) {
    lines.push(String(line));
    done();
  },
});
const logger = pino({}, sink);
const createDiskError = () =>
  new Error('Failed to run the query', {
    cause: new Database.SqliteError('secret of the disk', 'SQLITE_FULL'),
  });
let base: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  const schema = join(folder.path, 'schema.graphql');
  writeFileSync(
    schema,
    'scalar Name type Query { broken: String unstored: String refused: String echo(name: Name!): Name }',
  );
  const port = await freePort();
  const readiness = () => ({ ready: false, checks: { behind: 3 } });
  const http = createHttpServer({
    service: 'test',
    host: '127.0.0.1',
    port,
    readiness,
    identity: NO_IDENTITY,
    logger,
  });
  http.app.get('/unstored', () => {
    throw createDiskError();
  });
  http.app.get('/throws', () => {
    throw new Error('secret of the route');
  });
  const resolvers = {
    Name: createStringScalar('Name'),
    Query: {
      broken: () => {
        throw new Error('secret of the database');
      },
      unstored: () => {
        throw createDiskError();
      },
      refused: () => {
        throw createBadUserInputError([
          { path: ['name'], code: 'EMPTY', message: 'name must not be empty.' },
        ]);
      },
      echo: (_: unknown, { name }: { name: string }) => name,
    },
  };
  const server = await serveSubgraph({
    schemaFile: pathToFileURL(schema),
    resolvers,
    identity: NO_IDENTITY,
    authenticate: NO_IDENTITY.authenticate,
    createContext: () => ({}),
    http,
    logger,
  });
  await http.listen();
  base = `http://127.0.0.1:${port}`;
  stop = () => server.stop();
});
afterAll(async () => {
  await stop();
  folder.remove();
});

async function post(body: string) {
  const headers = { 'content-type': 'application/json', 'x-correlation-id': 'the-request' };
  const response = await fetch(`${base}/graphql`, { method: 'POST', headers, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const fetchGraphQL = (query: string, variables = {}) => post(JSON.stringify({ query, variables }));

describe('serveSubgraph', () => {
  it('masks an unexpected error and logs it with the same correlation id', async () => {
    const { body } = await fetchGraphQL('{ broken }');
    expect(body['errors']).toMatchObject([
      {
        message: 'Internal server error',
        path: ['broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: 'the-request' },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(lines.some((line) => line.includes('secret of the database'))).toBe(true);
  });

  it('gives a failure of the storage its code, and logs its cause with the same correlation id', async () => {
    const error = {
      message: 'The storage of the service is full. Send the request again later.',
      extensions: { code: 'STORAGE_FULL', correlationId: 'the-request' },
    };
    const { body } = await fetchGraphQL('{ unstored }');
    expect(body['errors']).toMatchObject([{ ...error, path: ['unstored'] }]);
    const response = await fetch(`${base}/unstored`, { headers: { 'x-correlation-id': 'the-request' } });
    expect(response.status).toBe(503);
    expect(await response.json()).toStrictEqual({ errors: [error] });
    expect(
      lines.filter((line) => line.includes('secret of the disk') && line.includes('the-request')),
    ).toHaveLength(2);
  });

  it('passes an expected error on unchanged', async () => {
    const { body } = await fetchGraphQL('{ refused }');
    expect(body['errors']).toMatchObject([
      {
        message: 'name must not be empty.',
        extensions: { code: 'BAD_USER_INPUT', faults: [{ path: ['name'], code: 'EMPTY' }] },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('stacktrace');
  });

  it('accepts strings for its string scalars and rejects every other value', async () => {
    expect(
      (await fetchGraphQL('query ($name: Name!) { echo(name: $name) }', { name: 'x' })).body,
    ).toMatchObject({
      data: { echo: 'x' },
    });
    const { body } = await fetchGraphQL('query ($name: Name!) { echo(name: $name) }', { name: 5 });
    expect(body['errors']).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect((await fetchGraphQL('{ echo(name: 5) }')).body['errors']).toMatchObject([
      { message: 'Name must be a string.' },
    ]);
  });

  it('answers a body that is not JSON or too large with a GraphQL error', async () => {
    expect(await post('{')).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    });
    expect(await post(`"${'x'.repeat(11_000_000)}"`)).toMatchObject({
      status: 413,
      body: { errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] },
    });
  });

  it('masks the error of a route that throws', async () => {
    const response = await fetch(`${base}/throws`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  it('answers /health before it is ready', async () => {
    expect((await fetch(`${base}/health`)).status).toBe(200);
    const ready = await fetch(`${base}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toStrictEqual({ service: 'test', ready: false, checks: { behind: 3 } });
  });
});

describe('a subgraph that authenticates', () => {
  const SCHEMA_QUERY = 'query __ApolloGetServiceDefinition__ { _service { sdl } }';
  let url: string;
  let secretHeaders: Readonly<Record<string, string>>;
  let stopServer: () => Promise<void>;

  beforeAll(async () => {
    const schema = join(folder.path, 'private.graphql');
    writeFileSync(schema, 'type Query { secret: String }');
    const settings = {
      AUTH: 'required' as const,
      AUTH_ROLE_CLAIM: 'role',
      DATA_DIR: folder.path,
      HOST: '127.0.0.1',
    };
    const identity = createIdentityService(settings, logger);
    secretHeaders = identity.installationHeaders;
    const port = await freePort();
    const readiness = () => ({ ready: true, checks: {} });
    const http = createHttpServer({ service: 'test', host: '127.0.0.1', port, readiness, identity, logger });
    const server = await serveSubgraph({
      schemaFile: pathToFileURL(schema),
      resolvers: { Query: { secret: () => 'known' } },
      identity,
      authenticate: identity.authenticate,
      createContext: () => ({}),
      extensions: () => ({ forCallers: true }),
      http,
      logger,
    });
    await http.listen();
    url = `http://127.0.0.1:${port}/graphql`;
    stopServer = () => server.stop();
  });
  afterAll(() => stopServer());

  const send = async (query: string, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: (await response.json()) as { data?: unknown; errors?: unknown } };
  };
  const UNAUTHENTICATED = { status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } };

  it('gives its schema to a process of the installation without a token', async () => {
    expect(await send(SCHEMA_QUERY, secretHeaders)).toStrictEqual({
      status: 200,
      body: { data: { _service: { sdl: expect.stringContaining('secret: String') as string } } },
    });
  });

  it('does not give its schema without the installation secret', async () => {
    expect(await send(SCHEMA_QUERY, {})).toMatchObject(UNAUTHENTICATED);
    expect(await send(SCHEMA_QUERY, { 'x-installation-secret': 'guessed' })).toMatchObject(UNAUTHENTICATED);
  });

  it.each([
    '{ secret }',
    '{ _service { sdl } secret }',
    '{ _service { sdl } ... { secret } }',
    '{ _service: secret }',
    '{ ...F } fragment F on Query { _service { sdl } secret }',
    'query A { _service { sdl } } query B { secret }',
    '{ _service { sdl ',
  ])('requires a token for %s', async (query) => {
    expect(await send(query, secretHeaders)).toMatchObject(UNAUTHENTICATED);
  });

  it('checks a token that comes with the query of the schema', async () => {
    const headers = { ...secretHeaders, authorization: 'Bearer invalid' };
    expect(await send(SCHEMA_QUERY, headers)).toMatchObject(UNAUTHENTICATED);
  });
});
