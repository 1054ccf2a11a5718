import { describe, expect, test } from 'vitest';
import { getDocumentText, type GraphQLClient } from '../../graphql/graphql-client.js';
import type { ExpectedResponse } from './probe-kinds.js';
import { checkProbeResponse, deleteProbeRules } from './probe-round.js';

const INPUT = { name: 'Probe 1' };
const RULE = { id: 'r', name: 'Probe 1', version: 1 };
const check = (expected: ExpectedResponse, answer: unknown, status = 200) =>
  checkProbeResponse(
    expected,
    { status, text: typeof answer === 'string' ? answer : JSON.stringify(answer) },
    INPUT,
  );

describe('checkProbeResponse, with a rule expected', () => {
  const expected = { status: 200 };
  test.each([
    [{ data: { createRule: { rule: RULE } } }, undefined],
    [{ data: { createRule: { rule: { ...RULE, name: 'X' } } } }, 'name X instead of Probe 1'],
    [{ data: { createRule: { rule: { ...RULE, version: 2 } } } }, 'version 2 instead of 1'],
    [{ data: { createRule: { rule: { ...RULE, id: '' } } } }, 'a rule without id'],
    [{ data: null, errors: [{ message: '', extensions: { code: 'CONFLICT' } }] }, 'no rule (CONFLICT)'],
    [{ data: { createRule: { rule: RULE } }, errors: [{ message: '' }] }, 'a rule with errors (no code)'],
    ['<html>', 'status 200 without a GraphQL response'],
  ])('%j', (answer, problem) => {
    expect(check(expected, answer).problem).toBe(problem);
  });
});

test('checkProbeResponse, with an unlisted operation', () => {
  const expected = {
    status: 200,
    code: 'GRAPHQL_VALIDATION_FAILED',
    codeIfUnlisted: 'OPERATION_NOT_ALLOWED',
  };
  const respond = (code: string) => ({ errors: [{ message: '', extensions: { code } }] });
  for (const code of ['GRAPHQL_VALIDATION_FAILED', 'OPERATION_NOT_ALLOWED']) {
    expect(check(expected, respond(code)).problem).toBeUndefined();
  }
  expect(check(expected, respond('X')).problem).toBe('code X instead of GRAPHQL_VALIDATION_FAILED');
});

describe('checkProbeResponse, with an error expected', () => {
  const expected = { status: 200, code: 'NOT_FOUND', path: ['deleteRule'] };
  const error = { message: '', path: ['deleteRule'], extensions: { code: 'NOT_FOUND' } };
  test.each([
    [{ data: null, errors: [error] }, 200, undefined],
    [{ errors: [error] }, 500, 'status 500 instead of 200'],
    [{ errors: [error, error] }, 200, 'errors 2 instead of 1'],
    [{ errors: [{ ...error, extensions: { code: 'X' } }] }, 200, 'code X instead of NOT_FOUND'],
    [{ errors: [{ ...error, path: ['x'] }] }, 200, 'path x instead of deleteRule'],
    [{ errors: [{ ...error, path: undefined }] }, 200, 'path undefined instead of deleteRule'],
  ])('%j, status %d', (answer, status, problem) => {
    expect(check(expected, answer, status).problem).toBe(problem);
  });

  test('returns a rule that should not have been created, so that it can be deleted', () => {
    const { rule, problem } = check(expected, { data: { createRule: { rule: RULE } } });
    expect(rule).toEqual(RULE);
    expect(problem).toMatch(/^a rule was created/);
  });
});

/** More rules than a page has. */
const RULE_IDS = Array.from({ length: 5 }, (_, index) => `rule ${index}`);
const PAGE_SIZE = 2;

/**
 * Creates a client of a gateway with the rules of one user.
 * @param rulesResponse replaces the list of rules
 */
function createTestClient(rules: Set<string>, rulesResponse?: object): GraphQLClient {
  const respond = (query: string, variables: Readonly<Record<string, unknown>>) => {
    if (query.startsWith('mutation')) {
      const found = rules.delete(String(variables['id']));
      return found ? { data: {} } : { errors: [{ message: 'none', extensions: { code: 'NOT_FOUND' } }] };
    }
    if (rulesResponse) return rulesResponse;
    const from = Number(variables['after'] ?? 0);
    const nodes = [...rules].map((id) => ({ id })).slice(from, from + PAGE_SIZE);
    const pageInfo = { hasNextPage: from + PAGE_SIZE < rules.size, endCursor: String(from + PAGE_SIZE) };
    return { data: { user: { rules: { nodes, pageInfo } } } };
  };
  return {
    url: new URL('http://127.0.0.1:9/graphql'),
    documentFormat: 'text',
    send: () => Promise.reject(new Error('The test sends no raw requests.')),
    execute: (document, variables) =>
      Promise.resolve(respond(getDocumentText(document), variables as Record<string, unknown>)),
  };
}

test('deletes the created rules; one that does not exist counts as deleted', async () => {
  const rules = new Set(['a', 'b']);
  expect(
    await deleteProbeRules(createTestClient(rules), 'ana', {
      createdIds: ['a', 'b', 'c'],
      mayHaveMore: false,
    }),
  ).toBeUndefined();
  expect(rules).toEqual(new Set());
});

test('deletes all rules of the user, on all pages, after a lost response', async () => {
  const rules = new Set(RULE_IDS);
  expect(
    await deleteProbeRules(createTestClient(rules), 'ana', { createdIds: [], mayHaveMore: true }),
  ).toBeUndefined();
  expect(rules).toEqual(new Set());
});

test('reports that rules may remain if reports does not answer', async () => {
  const errors = [{ message: 'reports is unavailable' }];
  const round = { createdIds: [], mayHaveMore: true };
  expect(await deleteProbeRules(createTestClient(new Set(), { data: null, errors }), 'ana', round)).toBe(
    'possibly rules of the user ana (The rules cannot be read: reports is unavailable)',
  );
});
