import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readGatewayConfig } from '../config.js';
import { createGatewayService } from '../service.js';

const SUPERGRAPH = new URL('../../../../supergraph.graphql', import.meta.url).pathname;
const TOKEN_LIFETIME_MS = 60_000;
const folder = temporaryFolder();
const cleanUp: (() => unknown)[] = [() => folder.remove()];
let url: string;

beforeAll(async () => {
  const port = await freePort();
  const gateway = createGatewayService(
    readGatewayConfig({
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      // No Redis answers here.
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      LOG_LEVEL: 'silent',
      SUPERGRAPH,
    }),
  );
  cleanUp.push(() => gateway.stop());
  await gateway.start();
  url = `http://127.0.0.1:${port}/graphql`;
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

async function send(role: 'operator' | 'customer', extensions: object) {
  const token = await issueEmbeddedToken(folder.path, { id: 'ana', role }, TOKEN_LIFETIME_MS);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ rules { nodes { name } } }', extensions }),
  });
  return (await response.json()) as { errors?: readonly object[]; extensions?: object };
}

test('an operator receives the plan as data, text and flowchart, also if subgraphs fail', async () => {
  expect(await send('operator', { queryPlan: true })).toMatchObject({
    errors: [{}],
    extensions: {
      queryPlan: {
        kind: 'QueryPlan',
        node: { kind: 'Fetch', serviceName: 'reports' },
        text: expect.stringContaining('Fetch(service: "reports")') as unknown,
        mermaid: expect.stringMatching(/^flowchart TD\n/) as unknown,
      },
    },
  });
});

test('without the extension there is no plan', async () => {
  expect((await send('operator', {})).extensions ?? {}).not.toHaveProperty('queryPlan');
});

test('a customer is refused', async () => {
  expect(await send('customer', { queryPlan: true })).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
});
