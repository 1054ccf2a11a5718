import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { parse } from 'graphql';
import { afterEach, expect, test } from 'vitest';
import { createGatewayService } from './service.js';
import { readTestGatewayConfig } from './testing/gateway-config.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** Starts a subgraph that records the bodies of its requests and answers all of them with one text. */
async function startSubgraph(answer: string) {
  const bodies: string[] = [];
  const readBody = async (request: IncomingMessage) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    return text;
  };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      bodies.push(body);
      response.end(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

/** Starts a gateway without Redis for these subgraphs. */
async function startGateway(
  subgraphs: readonly { readonly name: string; readonly url: string; readonly typeDefs: string }[],
  settings: Readonly<Record<string, string>> = {},
) {
  const folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  const { supergraphSdl = '' } = composeServices(
    subgraphs.map(({ name, url, typeDefs }) => ({ name, url, typeDefs: parse(typeDefs) })),
  );
  const path = join(folder.path, 'supergraph.graphql');
  writeFileSync(path, supergraphSdl);
  const port = await freePort();
  const gateway = createGatewayService(
    readTestGatewayConfig({
      AUTH: 'off',
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      LOG_LEVEL: 'silent',
      SUPERGRAPH: path,
      INSTALLATION_SECRET: 's'.repeat(32),
      ...settings,
    }),
  );
  const warnings: unknown[] = [];
  gateway.logger.warn = (...line: unknown[]) => void warnings.push(line[0]);
  cleanUp.push(() => gateway.stop());
  await gateway.start();
  const url = `http://127.0.0.1:${port}`;
  return {
    warnings,
    post: async (body: string) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).text();
    },
    readReadiness: async () => {
      const response = await fetch(`${url}/ready`, { headers: { 'x-installation-secret': 's'.repeat(32) } });
      return (await response.json()) as { checks: Record<string, unknown> };
    },
  };
}

test('a subgraph without a valid URL is named, and the others are served', async () => {
  const { url } = await startSubgraph('{"data":{"a":"a"}}');
  const { warnings, post, readReadiness } = await startGateway([
    { name: 'here', url, typeDefs: 'type Query { a: String }' },
    { name: 'nowhere', url: '', typeDefs: 'type Query { b: String }' },
    { name: 'relative', url: '/graphql', typeDefs: 'type Query { c: String }' },
  ]);
  expect(JSON.parse(await post('{"query":"{ a b }"}'))).toMatchObject({
    data: { a: 'a', b: null },
    errors: [
      {
        message: 'The subgraph "nowhere" has no valid URL. Set its routing URL in the supergraph.',
        path: ['b'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'nowhere' },
      },
    ],
  });
  expect((await readReadiness()).checks).toMatchObject({
    subgraphs: 'nowhere has no valid URL; relative has no valid URL',
  });
  expect(warnings).toContainEqual({ service: 'nowhere', url: '' });
  expect(warnings).toContainEqual({ service: 'relative', url: '/graphql' });
});

const BIG_TYPES = 'scalar Big type Query { echo(value: Big, id: ID): Big constructor: String }';

test('integers beyond 2^53 stay exact from the client to the subgraph and back', async () => {
  const { url, bodies } = await startSubgraph(
    '{"data":{"echo":[9007199254740993,{"a":-12345678901234567890}]}}',
  );
  const { post } = await startGateway([{ name: 'a', url, typeDefs: BIG_TYPES }]);
  const answer = await post(
    '{"query":"query ($v: Big, $id: ID) { echo(value: $v, id: $id) }","variables":{"v":{"n":9007199254740993},"id":9007199254740995}}',
  );
  expect(answer).toBe('{"data":{"echo":[9007199254740993,{"a":-12345678901234567890}]}}');
  expect(bodies[0]).toContain('"variables":{"v":{"n":9007199254740993},"id":"9007199254740995"}');
});

test('variables may have the names of inherited properties', async () => {
  const { url, bodies } = await startSubgraph('{"data":{"echo":1}}');
  const { post } = await startGateway([{ name: 'a', url, typeDefs: BIG_TYPES }]);
  const query = 'query ($toString: Big, $constructor: ID) { echo(value: $toString, id: $constructor) }';
  await post(JSON.stringify({ query }));
  await post(JSON.stringify({ query, variables: { toString: 1, constructor: 'x' } }));
  expect(bodies.map((body) => body.slice(body.indexOf('"variables"')))).toStrictEqual([
    '"variables":{}}',
    '"variables":{"toString":1,"constructor":"x"}}',
  ]);
});

test('clients receive the listed extensions of subgraphs alone', async () => {
  const { url } = await startSubgraph(
    JSON.stringify({
      data: { echo: null },
      errors: [{ message: 'No.', path: ['echo'], extensions: { code: 'NO', hint: 'x', sql: 'SELECT 1' } }],
      extensions: { took: 5, debug: 'internal', cost: 1 },
    }),
  );
  const { post } = await startGateway([{ name: 'a', url, typeDefs: BIG_TYPES }], {
    SUBGRAPH_ERROR_EXTENSIONS: 'hint',
    SUBGRAPH_EXTENSIONS: 'took, cost',
  });
  expect(JSON.parse(await post('{"query":"{ echo }"}'))).toStrictEqual({
    data: { echo: null },
    errors: [{ message: 'No.', path: ['echo'], extensions: { code: 'NO', hint: 'x', serviceName: 'a' } }],
    extensions: { took: 5 },
  });
});
