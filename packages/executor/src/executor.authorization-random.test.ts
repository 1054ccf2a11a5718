import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  type FormattedExecutionResult,
  type GraphQLNamedType,
} from 'graphql';
import { expect, test } from 'vitest';
import type { ClientAccess } from './shared/client-access.js';
import { forEachSelection } from './shared/graphql-ast.js';
import { createTestExecutor } from './testing/test-executor.js';
import { createVaultFederation } from './testing/vault-federation.js';

const OPERATION_COUNT = 150;
/** Fields that nobody may read without a scope, policy or token. No unprotected field has one of these names. */
const PROTECTED = /^(inside|scoped|judged|doubled|coin|vault|gold|email|card|rank|debt|limit|seal)$/;

/** A sequence of numbers from 0 to 1 that is the same in each run (https://en.wikipedia.org/wiki/Linear_congruential_generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const federation = createVaultFederation();
const executor = createTestExecutor(federation, {}, { authorization: { logErrors: false } });
const all: ClientAccess = {
  isAuthenticated: true,
  scopes: new Set(['read:a', 'read:b', 'read:id', 'read:email', 'read:rank', 'read:letters']),
  policies: new Set(['adult', 'resident']),
};

/** Writes a random selection set. Each field has an alias that names it, so that selections can always be merged. */
function writeSelections(random: () => number, type: GraphQLNamedType, depth: number): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const types = isInterfaceType(type) || isUnionType(type) ? executor.schema.getPossibleTypes(type) : [];
  const selections = ['__typename'];
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    if (types.length > 0 && random() < 0.5) {
      const condition = pick(types);
      selections.push(`... on ${condition.name} ${writeSelections(random, condition, depth)}`);
      continue;
    }
    if (fields.length === 0) continue;
    const field = pick(fields);
    const fieldType = getNamedType(field.type);
    if (!isCompositeType(fieldType)) selections.push(field.name);
    else if (depth > 0) selections.push(`${field.name} ${writeSelections(random, fieldType, depth - 1)}`);
  }
  return `{ ${selections.join(' ')} }`;
}

async function run(query: string, access: ClientAccess | undefined): Promise<FormattedExecutionResult> {
  const prepared = await executor.prepare({ query }, { access });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, query);
  return executor.execute(prepared, {});
}

/** Checks that a value has nothing that another one has not, and counts the nulls in place of something. */
function countNulls(value: unknown, complete: unknown): number {
  if (value === null) return complete === null ? 0 : 1;
  if (typeof value !== 'object') {
    expect(value).toStrictEqual(complete);
    return 0;
  }
  expect(Object.keys(value)).toStrictEqual(Object.keys(complete as object));
  return Object.entries(value).reduce(
    (sum, [key, each]) => sum + countNulls(each, (complete as Record<string, unknown>)[key]),
    0,
  );
}

test('random operations of clients without access never ask for or show more than they may', async () => {
  const random = createRandom(14);
  const queryType = executor.schema.getQueryType()!;
  let nullCount = 0;
  for (let index = 0; index < OPERATION_COUNT; index++) {
    const query = writeSelections(random, queryType, 4);
    const complete = await run(query, all);
    expect(complete.errors, query).toBeUndefined();
    federation.requests.length = 0;
    const { data, errors = [] } = await run(query, undefined);
    for (const request of federation.requests) {
      forEachSelection(parse(request.query), (selection) => {
        if (selection.kind === Kind.FIELD) expect(selection.name.value, query).not.toMatch(PROTECTED);
      });
    }
    const nulls = countNulls(data, complete.data);
    nullCount += nulls;
    // Each null has an error, and each error is about a denied field.
    expect(errors.length, query).toBeGreaterThanOrEqual(nulls);
    for (const { extensions } of errors)
      expect(extensions?.['code'], query).toBe('UNAUTHORIZED_FIELD_OR_TYPE');
  }
  expect(nullCount).toBeGreaterThan(OPERATION_COUNT / 2);
});
