import { describe, expect, test } from 'vitest';
import { parseJson, stringifyJson } from './shared/exact-json.js';
import {
  collectSubscriptionResults,
  createFiniteSource,
  createTestExecutor,
  prepareNow,
} from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';

const BIG = '9007199254740993';

const federation = createTestFederation({
  ledger: {
    typeDefs: `
      scalar Big
      input Range { from: Big exact: [Big!] factor: Float id: ID }
      type Query { entry(big: Big, id: ID, range: Range, factor: Float): Entry }
      type Mutation { book(big: Big): Int }
      type Subscription { booked(big: Big): Int }
      type Entry @key(fields: "id") { id: ID! }
    `,
  },
  notes: {
    typeDefs: 'scalar Big type Entry @key(fields: "id") { id: ID! note(big: Big): String }',
  },
});

interface SentRequest {
  readonly query: string;
  /** As JSON. */
  readonly variables: string;
}

/** Executes an operation and returns what its subgraphs receive. */
async function listSentRequests(query: string, variables = '{}'): Promise<readonly SentRequest[]> {
  const sent: SentRequest[] = [];
  const executor = createTestExecutor({
    ...federation,
    dataSource: () => ({
      fetch({ operation, variables: sentVariables }) {
        sent.push({ query: operation.query, variables: sentVariables });
        const isEntityFetch = operation.query.includes('_entities');
        return Promise.resolve({
          data: isEntityFetch ? { _entities: [null] } : { entry: { __typename: 'Entry', id: '1' }, book: 1 },
        });
      },
    }),
  });
  const prepared = prepareNow(executor, {
    query,
    variables: parseJson(variables) as Record<string, unknown>,
  });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, prepared.errors.join('\n'));
  await executor.execute(prepared, {});
  return sent;
}

describe('integers beyond 2^53 in a document', () => {
  test.each([
    ['an argument', `{ entry(big: ${BIG}) { id } }`, `{entry(big:${BIG}){id}}`],
    ['a negative one', `{ entry(big: -${BIG}) { id } }`, `{entry(big:-${BIG}){id}}`],
    [
      'one with many digits',
      `{ entry(big: 1${'0'.repeat(30)}) { id } }`,
      `{entry(big:1${'0'.repeat(30)}){id}}`,
    ],
    ['an ID', `{ entry(id: ${BIG}) { id } }`, `{entry(id:${BIG}){id}}`],
    [
      'an input object',
      `{ entry(range: { from: ${BIG}, exact: [1, ${BIG}], factor: 2, id: ${BIG} }) { id } }`,
      `{entry(range:{from:${BIG} exact:[1 ${BIG}]factor:2 id:${BIG}}){id}}`,
    ],
    [
      'a value of any shape',
      `{ entry(big: { a: [${BIG}, "${BIG}"] }) { id } }`,
      `{entry(big:{a:[${BIG} "${BIG}"]}){id}}`,
    ],
    ['a Float, which rounds', `{ entry(factor: ${BIG}) { id } }`, '{entry(factor:9007199254740992){id}}'],
    ['a mutation', `mutation { book(big: ${BIG}) }`, `mutation{book(big:${BIG})}`],
    ['a fragment', `{ ...E } fragment E on Query { entry(big: ${BIG}) { id } }`, `{entry(big:${BIG}){id}}`],
  ])('stay exact: %s', async (_, query, sent) => {
    expect((await listSentRequests(query)).map((request) => request.query)).toStrictEqual([sent]);
  });

  test('stay exact in a fetch of entities', async () => {
    const [, entityFetch] = await listSentRequests(`{ entry { note(big: ${BIG}) } }`);
    expect(entityFetch?.query).toContain(`note(big:${BIG})`);
  });

  test.each([
    ['a default', `query ($big: Big = ${BIG}) { entry(big: $big) { id } }`, '{}', `{"big":${BIG}}`],
    [
      'a default object',
      `query ($big: Big = { a: [${BIG}] }) { entry(big: $big) { id } }`,
      '{}',
      `{"big":{"a":[${BIG}]}}`,
    ],
    [
      'a default input object',
      `query ($range: Range = { exact: [${BIG}], id: ${BIG} }) { entry(range: $range) { id } }`,
      '{}',
      `{"range":{"exact":[${BIG}],"id":"${BIG}"}}`,
    ],
    ['a value', 'query ($big: Big) { entry(big: $big) { id } }', `{"big":${BIG}}`, `{"big":${BIG}}`],
  ])('stay exact in variables: %s', async (_, query, variables, sent) => {
    expect((await listSentRequests(query, variables)).map((request) => request.variables)).toStrictEqual([
      sent,
    ]);
  });

  test('stay exact in an argument of a source of events', async () => {
    const received: object[] = [];
    const source = createFiniteSource({ booked: 1 });
    const executor = createTestExecutor(federation, {
      booked: {
        subscribe(args, context) {
          received.push(args);
          return source.subscribe(args, context);
        },
      },
    });
    await collectSubscriptionResults(executor, `subscription { booked(big: ${BIG}) }`);
    expect(stringifyJson(received)).toBe(`[{"big":${BIG}}]`);
  });
});
