import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createExecutor } from '@seguridad-abc/executor';
import { composeServices } from '@apollo/composition';
import { eventually, recordLogs } from '@seguridad-abc/platform/testing';
import { parse } from 'graphql';
import { afterEach, expect, test } from 'vitest';
import { createSubgraphDataSource, isInternalUrl } from './internal-hosts.js';

const SECRET_HEADER = { 'x-installation-secret': 's'.repeat(32) };
const { logger, lines } = recordLogs();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Starts a server on all loopback addresses and records the headers of its requests. */
async function startServer(respond: RequestListener) {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    received.push(request.headers);
    respond(request, response);
  }).listen(0, '::');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, port: (server.address() as AddressInfo).port };
}

const respondWithData: RequestListener = (_request, response) => response.end('{"data":{"planets":8}}');

/** Executes a query on one subgraph, with the headers that the gateway sends. */
async function queryPlanets(
  url: string,
  internalHosts: readonly string[] = [],
  SUBGRAPH_URLS?: ReadonlyMap<string, readonly string[]>,
) {
  const { supergraphSdl = '' } = composeServices([
    { name: 'sky', url, typeDefs: parse('type Query { planets: Int }') },
  ]);
  const settings = { HOST: '127.0.0.1', INTERNAL_HOSTS: internalHosts, SUBGRAPH_URLS };
  const executor = createExecutor({
    supergraphSdl,
    createDataSource: (subgraph) => createSubgraphDataSource(subgraph, settings, logger, SECRET_HEADER),
    planWorkers: 0,
    logger,
  });
  closers.push(() => executor.close());
  const request = await executor.prepare({ query: '{ planets }' });
  if ('errors' in request) throw new AggregateError(request.errors);
  return executor.execute(request, {
    headers: () => ({ ...SECRET_HEADER, authorization: 'Bearer 1' }),
    traceHeaders: () => ({ 'x-correlation-id': 'abc' }),
  });
}

test.each([
  ['http://127.0.0.1:4001/graphql', true],
  ['http://localhost/graphql', true],
  ['http://[::1]:4001/graphql', true],
  ['http://10.0.0.5/graphql', true],
  ['https://monitoring.internal/graphql', true],
  ['https://MONITORING.internal/graphql', true],
  ['http://[2001:DB8:0::1]/graphql', true],
  ['http://127.0.0.1.example.com/graphql', false],
  ['http://localhost@example.com/graphql', false],
  ['http://sub.monitoring.internal/graphql', false],
  ['no URL', false],
])('whether %s is internal: %s', (url, expected) => {
  expect(
    isInternalUrl(url, { HOST: '10.0.0.5', INTERNAL_HOSTS: ['monitoring.internal', '2001:db8::1'] }),
  ).toBe(expected);
});

test('a subgraph on this machine gets the installation secret', async () => {
  const { received, port } = await startServer(respondWithData);
  expect(await queryPlanets(`http://127.0.0.1:${port}/`)).toEqual({ data: { planets: 8 } });
  expect(received).toMatchObject([{ 'x-installation-secret': 's'.repeat(32), authorization: 'Bearer 1' }]);
});

test('a subgraph on another host gets all headers but the installation secret', async () => {
  const { received, port } = await startServer(respondWithData);
  // Another name of this machine, which no setting lists.
  expect(await queryPlanets(`http://0.0.0.0:${port}/`)).toEqual({ data: { planets: 8 } });
  expect(received).toMatchObject([{ authorization: 'Bearer 1', 'x-correlation-id': 'abc' }]);
  expect(received[0]).not.toHaveProperty('x-installation-secret');
  expect(lines.filter(({ level }) => level === 'warn').at(-1)).toMatchObject({
    service: 'sky',
    msg: expect.stringContaining('add its host to INTERNAL_HOSTS') as string,
  });
});

test('a subgraph on a host of INTERNAL_HOSTS gets the installation secret', async () => {
  const { received, port } = await startServer(respondWithData);
  await queryPlanets(`http://0.0.0.0:${port}/`, ['0.0.0.0']);
  expect(received).toMatchObject([{ 'x-installation-secret': 's'.repeat(32) }]);
});

test('one instance on another host makes a subgraph external: no instance gets the installation secret', async () => {
  for (const [otherHost, expected] of [
    ['localhost', true],
    ['0.0.0.0', false],
  ] as const) {
    const { received, port } = await startServer(respondWithData);
    const urls = ['127.0.0.1', otherHost].map((host) => `http://${host}:${port}/`);
    expect(await queryPlanets('', [], new Map([['sky', urls]]))).toEqual({ data: { planets: 8 } });
    // The query, and the check of each instance.
    await eventually(() => expect(received.length).toBeGreaterThanOrEqual(3));
    expect(new Set(received.map((headers) => 'x-installation-secret' in headers))).toEqual(
      new Set([expected]),
    );
  }
});

test('a subgraph learns how long the gateway waits', async () => {
  const { received, port } = await startServer(respondWithData);
  await queryPlanets(`http://127.0.0.1:${port}/`);
  expect(received).toMatchObject([{ 'x-abc-deadline': expect.stringMatching(/^(10000|9\d{3})$/) as string }]);
});

test('a redirect is not followed, so that no other origin receives the headers', async () => {
  const other = await startServer(respondWithData);
  const { received, port } = await startServer((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end();
  });
  expect(await queryPlanets(`http://127.0.0.1:${port}/`)).toMatchObject({
    errors: [{ extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }],
  });
  expect([received.length, other.received.length]).toEqual([1, 0]);
});

test('a subscription at another host has all headers but the installation secret', async () => {
  const { received, port } = await startServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('event: complete\n\n');
  });
  const subscribeAt = async (host: string) => {
    const dataSource = createSubgraphDataSource(
      // Queries go to this machine.
      { name: 'sky', url: `http://127.0.0.1:${port}/` },
      {
        HOST: '127.0.0.1',
        INTERNAL_HOSTS: [],
        SUBGRAPH_SUBSCRIPTIONS: new Map([['*', { protocol: 'sse', url: `http://${host}:${port}/` }]]),
      },
      logger,
    );
    closers.push(() => dataSource.close?.());
    const events = dataSource.subscribe?.(
      {
        operation: {
          kind: 'subscription',
          query: 'subscription { eclipses }',
          operationName: undefined,
          bodyMembers: '"query":"subscription { eclipses }"',
          path: [],
        },
        variables: '{}',
        entityCount: undefined,
      },
      {
        headers: () => ({ 'x-installation-secret': 's'.repeat(32), authorization: 'Bearer 1' }),
        signal: new AbortController().signal,
      },
    );
    for await (const event of events ?? []) expect(event).toBeUndefined();
  };
  await subscribeAt('0.0.0.0');
  await subscribeAt('localhost');
  expect(received.map((headers) => [headers.authorization, headers['x-installation-secret']])).toEqual([
    ['Bearer 1', undefined],
    ['Bearer 1', 's'.repeat(32)],
  ]);
});
