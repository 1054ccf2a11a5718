import { createRuleState } from '@seguridad-abc/contracts/testing';
import { afterEach, expect, test } from 'vitest';
import type { GraphQLClient } from '../../graphql/graphql-client.js';
import { startTestGateway, type TestGateway, type TestGatewayRequest } from '../../testing/test-gateway.js';
import { importRules, RULES_PER_REQUEST } from './import-rules.js';
import type { RuleRow } from './parse-rules-csv.js';
import { resolveCalendars } from './resolve-calendars.js';

type Request = TestGatewayRequest<
  Readonly<Record<string, { readonly name: string; readonly clientMutationId?: string } | undefined>>
>;

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

async function startGateway(respond: (request: Request) => object): Promise<GraphQLClient> {
  gateway = await startTestGateway(respond);
  return gateway.client;
}

const { signal } = new AbortController();
const CONFLICT = { message: 'The rule exists.', extensions: { code: 'CONFLICT' } };
const createRows = (count: number): RuleRow[] =>
  Array.from({ length: count }, (_, index) => ({
    line: index + 2,
    input: { name: `Rule ${index}`, opening: 'Door', userId: 'ana' },
    calendar: null,
    faults: [],
  }));
const EXISTING_RULE = {
  data: {
    user: {
      rules: {
        nodes: [{ id: '1', user: { id: 'ana' }, name: 'Rule 3', opening: 'Door', windows: [] }],
        pageInfo: { hasNextPage: false, endCursor: null },
      },
    },
  },
};
const { userId: existingUserId, ...existingCafe } = createRuleState({
  ...{ name: 'Caf\u00e9', opening: 'Door', opensAt: null, closesAt: null, maxOpenSeconds: 60 },
});
const EXISTING_CAFE = { ...existingCafe, user: { id: existingUserId } };
const createdRule = (name: string | undefined) => ({
  rule: { id: `id of ${String(name)}`, name, version: 1 },
});

test('full groups of rows are created by one request each, and each row has its outcome', async () => {
  const requestedNames: string[][] = [];
  const client = await startGateway(({ variables }) => {
    const inputs = Object.entries(variables);
    requestedNames.push(inputs.map(([, input]) => input?.name ?? ''));
    const isSingle = inputs.length === 1;
    return {
      data: Object.fromEntries(
        inputs.map(([alias, input]) => [isSingle ? 'createRule' : alias, createdRule(input?.name)]),
      ),
    };
  });
  const rows = createRows(RULES_PER_REQUEST + 2);
  const progress: number[] = [];
  const { imported } = await importRules(client, rows, { signal, onProgress: (done) => progress.push(done) });
  expect(requestedNames.map((names) => names.length).sort()).toEqual([1, 1, RULES_PER_REQUEST]);
  expect(imported).toEqual(
    rows.map(({ line, input }) => ({ line, kind: 'created', id: `id of ${String(input.name)}` })),
  );
  expect(progress.at(-1)).toBe(rows.length);
});

test('if one rule of a group is refused, the others are created once, and only its row is refused', async () => {
  const ruleNamesByKey = new Map<string, string>();
  const create = (input: Request['variables'][string]) => {
    if (input?.name === 'Rule 3') return undefined;
    ruleNamesByKey.set(input?.clientMutationId ?? '', input?.name ?? '');
    return createdRule(input?.name);
  };
  const client = await startGateway(({ query, variables }) => {
    // The existing rule differs from the row.
    if (query.includes('query RulesOfUser')) return EXISTING_RULE;
    if (variables['input']) {
      const createRule = create(variables['input']);
      return createRule ? { data: { createRule } } : { data: null, errors: [CONFLICT] };
    }
    // GraphQL executes the fields of a mutation in order, and the first error ends them.
    for (const input of Object.values(variables)) if (!create(input)) break;
    return { data: null, errors: [CONFLICT] };
  });
  const rows = createRows(RULES_PER_REQUEST);
  const { imported } = await importRules(client, rows, { signal });
  expect(imported.map(({ kind }) => kind)).toEqual(
    rows.map(({ input }) => (input.name === 'Rule 3' ? 'refused' : 'created')),
  );
  // Each rule has one key, with which the repetition gets the answer of the first request.
  expect([...ruleNamesByKey.values()].sort()).toEqual(
    rows
      .map(({ input }) => input.name)
      .filter((name) => name !== 'Rule 3')
      .sort(),
  );
});

test('a row with a fault creates no rule, and the server finds the other faults of the row', async () => {
  const sentInputs: unknown[] = [];
  const client = await startGateway(({ variables }) => {
    sentInputs.push(variables['input']);
    const faults = [
      { path: ['input', 'severity'], code: 'INVALID', message: 'b' },
      { path: ['input'], code: 'NO_HOURS_NO_TIMER', message: 'c' },
      { path: ['input', 'clientMutationId'], code: 'EMPTY', message: 'd' },
    ];
    return { data: null, errors: [{ message: 'b c d', extensions: { code: 'BAD_USER_INPUT', faults } }] };
  });
  const createFault = (column: string) => ({ column, code: 'INVALID', message: 'a' });
  const rows = createRows(2).map((row, index) => ({
    ...row,
    faults: [createFault(index === 0 ? 'windows' : 'enabled')],
  }));
  const { imported } = await importRules(client, rows, { signal });
  expect(sentInputs).toMatchObject([{ clientMutationId: '' }, { clientMutationId: '' }]);
  const severity = { column: 'severity', code: 'INVALID', message: 'b' };
  const noCondition = { column: null, code: 'NO_HOURS_NO_TIMER', message: 'c' };
  expect(imported).toEqual([
    // The server did not see the hours of this row.
    { line: 2, kind: 'refused', faults: [createFault('windows'), severity] },
    { line: 3, kind: 'refused', faults: [createFault('enabled'), severity, noCondition] },
  ]);
});

test('an existing rule is found by its name without the spaces of the row', async () => {
  const client = await startGateway(({ query, variables }) => {
    if (!query.includes('query RulesOfUser')) return { data: null, errors: [CONFLICT] };
    // Reports finds names that contain the text, and the text has its spaces.
    const { search = '' } = variables['filter'] as { search?: string };
    return 'Caf\u00e9'.includes(search)
      ? { data: { user: { rules: { nodes: [EXISTING_CAFE], pageInfo: { hasNextPage: false } } } } }
      : { data: { user: null } };
  });
  const input = {
    ...{ name: '\u00A0 Cafe\u0301\u3000', opening: ' Door', userId: 'ana' },
    ...{ opensAt: null, closesAt: null, maxOpenSeconds: 60 },
  };
  const { imported } = await importRules(client, [{ line: 2, input, calendar: null, faults: [] }], {
    signal,
  });
  expect(imported).toEqual([{ line: 2, kind: 'already there', id: EXISTING_CAFE.id }]);
});

test('Ctrl-C ends the wait for an existing rule, and the row has no outcome', async () => {
  const interrupt = new AbortController();
  let requestCount = 0;
  /** The first request creates the rule, which exists; the next ones read it from reports, which lacks it. */
  const client = await startGateway(() => {
    requestCount += 1;
    if (requestCount === 1) return { data: null, errors: [CONFLICT] };
    interrupt.abort();
    return { data: { user: null } };
  });
  const result = await importRules(client, createRows(1), { signal: interrupt.signal });
  expect(result).toStrictEqual({ imported: [], interruption: undefined });
  expect(requestCount).toBe(2);
});

test('calendars are found by name, and a row whose user has none of that name gets a fault', async () => {
  const requestedUsers: unknown[] = [];
  const client = await startGateway(({ variables }) => {
    const { userId } = variables as { readonly userId?: unknown };
    requestedUsers.push(userId);
    if (userId === 'bea')
      return { data: null, errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN' } }] };
    const calendars = [
      { id: 'c1', name: 'Caf\u00e9' },
      { id: 'c2', name: 'Holidays' },
    ];
    return { data: { user: userId === 'ana' ? { calendars } : null } };
  });
  const createRow = (userId: string, calendar: string | null): RuleRow => ({
    ...{ line: 2, input: { userId }, calendar, faults: [] },
  });
  const rows = [
    createRow('ana', ' Cafe\u0301'),
    createRow('ana', 'Easter'),
    createRow('bea', 'Easter'),
    createRow('carl', 'Easter'),
    createRow('dora', null),
  ];
  const resolved = await resolveCalendars(client, rows, signal);
  expect(requestedUsers.toSorted()).toEqual(['ana', 'bea', 'carl']);
  expect(resolved[0]).toEqual({ ...rows[0], input: { userId: 'ana', calendarId: 'c1' } });
  expect(resolved[4]).toEqual(rows[4]);
  const messages = [
    'There is no calendar "Easter" of ana: create it with npm run calendar, or correct the name. The user has "Caf\u00e9", "Holidays".',
    'The calendars of bea cannot be read: No.',
    'There is no calendar "Easter" of carl: create it with npm run calendar, or correct the name. The user has no calendar.',
  ];
  expect(resolved.slice(1, 4).map(({ faults }) => faults)).toEqual(
    messages.map((message) => [{ column: 'calendar', code: 'NOT_FOUND', message }]),
  );
});
