// Checks a running installation: node tests/harness/check-endpoint.mjs URL TOKEN. It creates a rule with a customer's token,
// reads it, and fails if a response has errors. CI runs it on the containers.
import { deepEqual } from 'node:assert/strict';

const [, , url = '', token = ''] = process.argv;

/** @param {string} query @param {Record<string, string>} [headers] */
async function send(query, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = /** @type {{ data?: unknown, errors?: unknown }} */ (await response.json());
  return { result: { data, errors }, consistencyToken: response.headers.get('x-consistency-token') ?? '' };
}

const mutation = await send(
  'mutation { createRule(input: { name: "Door", opening: "Door", maxOpenSeconds: 60 }) { rule { version } } }',
);
deepEqual(mutation.result, { data: { createRule: { rule: { version: 1 } } }, errors: undefined });

// With the token, reports waits until it has projected the rule.
const query = await send('{ viewer { rules { nodes { name } } } }', {
  'x-consistency-token': mutation.consistencyToken,
});
deepEqual(query.result, { data: { viewer: { rules: { nodes: [{ name: 'Door' }] } } }, errors: undefined });
