import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const TOKEN_LIFETIME_MS = 60_000;
let gateway: TestGateway;
beforeAll(async () => void (gateway = await startTestGateway()));
afterAll(() => gateway.stop());

async function send(role: 'operator' | 'customer', extensions: object) {
  const token = await issueEmbeddedToken(gateway.dataFolder, { id: 'ana', role }, TOKEN_LIFETIME_MS);
  const response = await fetch(`${gateway.origin}/graphql`, {
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
