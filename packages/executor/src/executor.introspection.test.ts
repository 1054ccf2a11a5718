import fc from 'fast-check';
import {
  execute,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  parse,
  specifiedDirectives,
  validate,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  createFiniteSource,
  collectSubscriptionResults,
  createTestExecutor,
  executeTestRequest,
  prepareNow,
} from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';

/** Has everything that introspection shows. */
const SHARED = `
  "Can be used by clients." directive @shown("An argument." a: Int = 3, old: String @deprecated(reason: "Old.")) repeatable on FIELD | QUERY
  "Described." scalar Url @specifiedBy(url: "https://url.spec.whatwg.org/")
  input Choice { id: ID name: String at: Place }
  "A place." input Place { x: Int! = 0 y: [Float!] = [1.5] old: Int @deprecated size: Size = SMALL }
  enum Size { SMALL "The other." LARGE OLD @deprecated(reason: "Gone.") }
`;
const composed = createTestFederation({
  things: {
    typeDefs: `${SHARED}
      "The root." type Query { "All." things(by: Choice!, old: Int @deprecated): [Thing!] self: Query selves: [Query!]! name: String @deprecated }
      type Mutation { act(at: Place): Acted }
      type Acted { query: Query ok: Boolean }
      type Subscription { thingChanged: Thing }
      interface Named { "Of all." id: ID! }
      type Thing implements Named @key(fields: "id") { id: ID! url: Url size(of: Size = OLD): Size }
      union Any = Thing | Acted
      extend type Query { any: Any named: Named }
    `,
    resolvers: {
      Query: {
        things: (_: unknown, { by }: { by: object }) => [{ id: JSON.stringify(by) }],
        self: () => ({}),
        selves: () => [{}, {}],
        named: () => ({ __typename: 'Thing', id: '1' }),
      },
      Mutation: { act: () => ({ query: {}, ok: true }) },
    },
  },
  more: {
    typeDefs: `${SHARED} type Thing @key(fields: "id") { id: ID! count: Int }`,
    resolvers: { Thing: { count: () => 3 } },
  },
});
/** Apollo's composition does not know @oneOf. Other composers keep it. */
const federation = {
  ...composed,
  supergraphSdl: composed.supergraphSdl.replace(
    /input Choice\s/,
    'directive @oneOf on INPUT_OBJECT\ninput Choice @oneOf ',
  ),
};
const executor = createTestExecutor(federation);

const executeHere = (query: string, variables: Record<string, unknown> = {}) =>
  executeTestRequest(executor, query, { variables });

/** What graphql-js answers over the schema that clients see. */
const executeOnSchema = async (query: string, variableValues: Record<string, unknown> = {}) =>
  JSON.parse(
    JSON.stringify(await execute({ schema: executor.schema, document: parse(query), variableValues })),
  ) as FormattedExecutionResult;

const expectSame = async (query: string, variables: Record<string, unknown> = {}) => {
  const result = await executeHere(query, variables);
  expect(JSON.stringify(result)).toBe(JSON.stringify(await executeOnSchema(query, variables)));
  return result;
};

describe('introspection', () => {
  test('with every option equals that of graphql-js', async () => {
    const { data } = await expectSame(
      getIntrospectionQuery({
        descriptions: true,
        directiveIsRepeatable: true,
        inputValueDeprecation: true,
        oneOf: true,
        schemaDescription: true,
        specifiedByUrl: true,
      }),
    );
    const text = JSON.stringify(data);
    expect(text).toContain('"specifiedByURL":"https://url.spec.whatwg.org/"');
    expect(text).toContain('"isOneOf":true');
    expect(text).toContain('"name":"shown","description":"Can be used by clients."');
    for (const { name } of specifiedDirectives) expect(text).toContain(`"name":"${name}"`);
  });

  test('shows what is deprecated only if it is asked for', async () => {
    const listNames = async (includeDeprecated: boolean) => {
      const { data } = await expectSame(
        `query ($includeDeprecated: Boolean!) {
          fields: __type(name: "Query") {
            fields(includeDeprecated: $includeDeprecated) { name args(includeDeprecated: $includeDeprecated) { name deprecationReason } }
          }
          inputs: __type(name: "Place") { inputFields(includeDeprecated: $includeDeprecated) { name isDeprecated } }
          values: __type(name: "Size") { enumValues(includeDeprecated: $includeDeprecated) { name deprecationReason } }
          __schema { directives { args(includeDeprecated: $includeDeprecated) { name deprecationReason } } }
        }`,
        { includeDeprecated },
      );
      return JSON.stringify(data);
    };
    const [without, all] = [await listNames(false), await listNames(true)];
    expect(without).not.toMatch(/"(old|OLD)"/);
    expect(all).toContain('{"name":"old","deprecationReason":"Old."}');
    expect(all).toContain('{"name":"old","isDeprecated":true}');
    expect(all).toContain('{"name":"OLD","deprecationReason":"Gone."}');
  });

  test('keeps aliases that are names of keys', () =>
    expectSame(
      `{ id: __type(name: "Thing") { id: name ...Names } again: __schema { id: __typename types { id: name } } }
       fragment Names on __Type { fields { id: name __proto__: description } }`,
    ));

  test('stands beside fields of subgraphs, at every place of the query type', async () => {
    federation.requests.length = 0;
    const name = { __type: { name: 'Thing' }, __typename: 'Query' };
    expect(
      await executeHere(
        `query ($name: String!) {
          ...Type things(by: { id: "1" }) { id count } self { ...Type } selves { ...Type self { ...Type } }
        }
        fragment Type on Query { __type(name: $name) { name } __typename }`,
        { name: 'Thing' },
      ),
    ).toEqual({
      data: {
        ...name,
        things: [{ id: '{"id":"1"}', count: 3 }],
        self: name,
        selves: [
          { ...name, self: null },
          { ...name, self: null },
        ].map((each) => ({ ...each, self: name })),
      },
    });
    for (const { query } of federation.requests) expect(query).not.toMatch(/__type\(/);
  });

  test('stands below a mutation', async () => {
    expect(await executeHere('mutation { act { ok query { __schema { mutationType { name } } } } }')).toEqual(
      {
        data: { act: { ok: true, query: { __schema: { mutationType: { name: 'Mutation' } } } } },
      },
    );
  });

  test('asks no subgraph', async () => {
    federation.requests.length = 0;
    await executeHere(
      '{ __typename kind: __typename __schema { __typename } __type(name: "Thing") { name } }',
    );
    expect(federation.requests).toEqual([]);
  });

  test('obeys @skip and @include, also where they leave nothing', async () => {
    const query = `query ($no: Boolean!, $yes: Boolean!) {
      __schema @include(if: $no) { description }
      empty: __schema { types @include(if: $no) { name } }
      __type(name: "Thing") @skip(if: $no) { name @skip(if: $yes) kind @include(if: $yes) ... @include(if: $no) { description } }
    }`;
    await expectSame(query, { no: false, yes: true });
  });

  test('is at the query root only, as in graphql-js', () => {
    for (const query of [
      'mutation { __schema { description } }',
      'subscription { __schema { description } }',
      '{ named { __schema { description } } }',
    ]) {
      const prepared = prepareNow(executor, { query });
      const messages = 'errors' in prepared ? prepared.errors.map(({ message }) => message) : [];
      expect(messages).toEqual(validate(executor.schema, parse(query)).map(({ message }) => message));
      expect(messages).not.toEqual([]);
    }
  });

  test('names the type of each root', async () => {
    expect(await executeHere('mutation { kind: __typename act { ok } __typename }')).toEqual({
      data: { kind: 'Mutation', act: { ok: true }, __typename: 'Mutation' },
    });
    const subscribing = createTestExecutor(federation, { thingChanged: createFiniteSource({ id: '1' }) });
    expect(
      await collectSubscriptionResults(subscribing, 'subscription { thingChanged { __typename id } }'),
    ).toEqual([{ data: { thingChanged: { __typename: 'Thing', id: '1' } } }]);
  });
});

/** Generates selection sets of the introspection system. */
function createSelectionArbitrary(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  depth: number,
): fc.Arbitrary<string> {
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || !isObjectType(getNamedType(field.type)),
  );
  const selections = fields.map((field) => {
    const named = getNamedType(field.type);
    const isLong = isListType(getNullableType(field.type));
    const below = isObjectType(named)
      ? createSelectionArbitrary(schema, named, depth - (isLong ? 2 : 1))
      : fc.constant('');
    const args =
      field.args.length > 0
        ? ['', '(includeDeprecated: true)', '(includeDeprecated: $yes)', '(includeDeprecated: $no)']
        : [''];
    return fc
      .tuple(
        fc.constantFrom('', '', 'id: ', 'constructor: ', `${field.name}Again: `),
        fc.constantFrom(...args),
        fc.constantFrom('', '', '', ' @skip(if: $no)', ' @include(if: $yes)', ' @include(if: $no)'),
        below,
      )
      .map(([alias, argument, condition, inner]) => `${alias}${field.name}${argument}${condition} ${inner}`);
  });
  const typename = fc.constantFrom(
    '__typename',
    'kind_: __typename',
    `... on ${type.name} { __typename }`,
    `... @skip(if: $yes) { t: __typename }`,
    `...Of${type.name} `,
  );
  return fc
    .array(fc.oneof(typename, ...selections), { minLength: 1, maxLength: 4 })
    .map((parts) => `{ ${parts.join(' ')} }`);
}

test('any selection of the introspection system equals that of graphql-js', async () => {
  const { schema } = executor;
  const types = Object.values(schema.getTypeMap());
  const getMetaType = (name: string) => {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`The schema has no type ${name}.`);
    return type;
  };
  const metaTypes = types.filter((type) => isObjectType(type) && type.name.startsWith('__'));
  const createFragment = (name: string) =>
    `fragment Of${name} on ${name} { ${name === '__Schema' ? 'types { name }' : 'name id: name'} }`;
  const root = fc.oneof(
    createSelectionArbitrary(schema, getMetaType('__Schema'), 3).map((selection) => `__schema ${selection}`),
    fc
      .tuple(
        fc.constantFrom(...types.map(({ name }) => name), 'Unknown'),
        createSelectionArbitrary(schema, getMetaType('__Type'), 3),
      )
      .map(([name, selection]) => `t: __type(name: "${name}") ${selection}`),
    createSelectionArbitrary(schema, getMetaType('__Type'), 2).map(
      (selection) => `__type(name: $name) ${selection}`,
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(root, { minLength: 1, maxLength: 2 }),
      fc.constantFrom('Thing', 'Choice', 'Nothing'),
      async (roots, name) => {
        const operation = `query ($yes: Boolean! = true, $no: Boolean! = false, $name: String!) {
        ${roots.join(' ')} used: __type(name: $name) { __typename @skip(if: $no) @include(if: $yes) }
      }`;
        const used = metaTypes.filter((type) => operation.includes(`...Of${type.name} `));
        const query = [operation, ...used.map(({ name }) => createFragment(name))].join('\n');
        // Others have conflicting fields, or too many nested lists for graphql-js.
        fc.pre(validate(schema, parse(query)).length === 0);
        const prepared = executor.prepare({ query, variables: { name } });
        if (prepared instanceof Promise || 'errors' in prepared) throw new Error(JSON.stringify(prepared));
        const actual = await executor.execute(prepared, {});
        const expected: ExecutionResult = await execute({
          schema,
          document: parse(query),
          variableValues: { name },
        });
        expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
      },
    ),
    { numRuns: 60 },
  );
});

describe('an input object with @oneOf', () => {
  const QUERY = 'query ($by: Choice!) { things(by: $by) { id } }';
  const reject = (query: string, variables: Record<string, unknown> = {}) => {
    const prepared = prepareNow(executor, { query, variables });
    return 'errors' in prepared
      ? prepared.errors.map(({ message, extensions }) => [message, extensions['code']])
      : [];
  };

  test.each([
    ['{ things(by: { at: { x: 1 } }) { id } }', {}, { at: { x: 1, y: [1.5], size: 'SMALL' } }],
    ['query ($id: ID!) { things(by: { id: $id }) { id } }', { id: 7 }, { id: '7' }],
    [QUERY, { by: { name: 'a' } }, { name: 'a' }],
  ])('takes exactly one field: %s', async (query, variables, expected) => {
    const { data } = await executeHere(query, variables);
    expect(data).toEqual({ things: [{ id: JSON.stringify(expected) }] });
  });

  test.each(['{}', '{ id: "1", name: "a" }', '{ id: null }', '{ id: "1", name: null }'])(
    'is invalid in a document as %s',
    (value) => {
      const query = `{ things(by: ${value}) { id } }`;
      const expected = validate(executor.schema, parse(query)).map(({ message }) => message);
      expect(expected).not.toEqual([]);
      expect(reject(query)).toEqual(expected.map((message) => [message, 'GRAPHQL_VALIDATION_FAILED']));
    },
  );

  test.each([{}, { id: '1', name: 'a' }, { id: null }, { id: '1', name: null }])(
    'is rejected in a variable as %j',
    async (by) => {
      const { errors } = await executeOnSchema(QUERY, { by });
      expect(reject(QUERY, { by })).toEqual(errors?.map(({ message }) => [message, 'BAD_USER_INPUT']));
    },
  );

  test('needs no definition of the directive in the supergraph', async () => {
    const supergraphSdl = federation.supergraphSdl.replace('directive @oneOf on INPUT_OBJECT', '');
    const other = createTestExecutor({ ...federation, supergraphSdl });
    expect(await executeTestRequest(other, '{ __type(name: "Choice") { isOneOf } }')).toEqual({
      data: { __type: { isOneOf: true } },
    });
  });
});
