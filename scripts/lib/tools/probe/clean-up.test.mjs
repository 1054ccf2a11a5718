import { expect, test } from 'vitest';
import { cleanUp } from './clean-up.mjs';

/** More than a page of what reports has. */
const MANY = Array.from({ length: 5 }, (_, index) => `rule ${index}`);
const PAGE = 2;

/**
 * A gateway with some rules of one user.
 *
 * @param {Set<string>} rules
 * @param {{ reports?: object }} [answers] what is answered instead of the user's rules
 * @returns {import('../client/http-client.mjs').HttpClient}
 */
function gateway(rules, { reports } = {}) {
  const answer = (/** @type {string} */ query, /** @type {Record<string, unknown>} */ variables) => {
    if (query.startsWith('mutation')) {
      const found = rules.delete(String(variables['id']));
      return found ? { data: {} } : { errors: [{ message: 'none', extensions: { code: 'NOT_FOUND' } }] };
    }
    if (reports) return reports;
    const from = Number(variables['after'] ?? 0);
    const nodes = [...rules].map((id) => ({ id })).slice(from, from + PAGE);
    const pageInfo = { hasNextPage: from + PAGE < rules.size, endCursor: String(from + PAGE) };
    return { data: { user: { rules: { nodes, pageInfo } } } };
  };
  return /** @type {import('../client/http-client.mjs').HttpClient} */ ({
    ask: (query, variables = {}) => Promise.resolve(answer(query, variables)),
  });
}

test('deletes what was created; what is gone already counts as deleted', async () => {
  const rules = new Set(['a', 'b']);
  expect(await cleanUp(gateway(rules), 'ana', { created: ['a', 'b', 'c'], unsure: false })).toBeUndefined();
  expect(rules).toEqual(new Set());
});

test('where an answer was lost, all rules of the user go, however many pages of them there are', async () => {
  const rules = new Set(MANY);
  expect(await cleanUp(gateway(rules), 'ana', { created: [], unsure: true })).toBeUndefined();
  expect(rules).toEqual(new Set());
});

test('says that rules may be left where reports does not tell', async () => {
  const errors = [{ message: 'reports is away' }];
  const unsure = { created: [], unsure: true };
  expect(await cleanUp(gateway(new Set(), { reports: { data: null, errors } }), 'ana', unsure)).toBe(
    'perhaps rules of the user ana (reports is away)',
  );
});
