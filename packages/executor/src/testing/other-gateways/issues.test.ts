import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createTestExecutor, executeTestRequest } from '../test-executor.js';
import type { TestSubgraph } from '../test-federation.js';
import { createCarelessFederation } from './careless-federation.js';

/*
 * The cases of Hive Router's e2e issues, and those sample scenarios of Apollo Router that need no licence, on supergraphs of ours.
 * See README.md in this folder.
 */

interface Answer extends FormattedExecutionResult {
  /** The paths of the errors. */
  readonly errorPaths: readonly string[];
  /** The subgraphs that were asked, in order. */
  readonly asked: readonly string[];
  /** The queries that subgraphs received. */
  readonly queries: readonly string[];
}

function createSubject(subgraphs: Readonly<Record<string, TestSubgraph>>) {
  const federation = createCarelessFederation(subgraphs);
  const executor = createTestExecutor(federation);
  return async (query: string, variables: Record<string, unknown> = {}): Promise<Answer> => {
    federation.requests.length = 0;
    const result = await executeTestRequest(executor, query, { variables });
    return {
      ...result,
      errorPaths: (result.errors ?? []).map(({ path = [] }) => path.join('.')),
      asked: federation.requests.map(({ service }) => service),
      queries: federation.requests.map((request) => request.query),
    };
  };
}

const fail = (message: string) => () => {
  throw new GraphQLError(message);
};

describe('keys', () => {
  test('an entity whose key a subgraph does not know is not asked of the next one', async () => {
    const references: unknown[] = [];
    const send = createSubject({
      shelves: {
        typeDefs:
          'type Query { shelves: [Shelf] } type Shelf { tome: Tome } type Tome @key(fields: "isbn") { isbn: ID! }',
        resolvers: { Query: { shelves: () => ['1', '2', '3'].map((isbn) => ({ tome: { isbn } })) } },
      },
      index: {
        typeDefs: 'type Tome @key(fields: "id") @key(fields: "isbn") { id: ID! isbn: ID! }',
        resolvers: {
          Tome: {
            __resolveReference: ({ isbn }: { isbn: string }) =>
              isbn === '3' ? null : { id: `t${isbn}`, isbn },
          },
        },
      },
      writers: {
        typeDefs: 'type Tome @key(fields: "id") { id: ID! writer: Writer } type Writer { name: String }',
        resolvers: {
          Tome: {
            __resolveReference(reference: { id: string }) {
              references.push(reference);
              return { id: reference.id, writer: { name: `writer of ${reference.id}` } };
            },
          },
        },
      },
    });
    const { data, errors } = await send('{ shelves { tome { isbn writer { name } } } }');
    expect(data).toStrictEqual({
      shelves: [
        { tome: { isbn: '1', writer: { name: 'writer of t1' } } },
        { tome: { isbn: '2', writer: { name: 'writer of t2' } } },
        { tome: { isbn: '3', writer: null } },
      ],
    });
    expect(errors).toBeUndefined();
    expect(references).toStrictEqual([
      { __typename: 'Tome', id: 't1' },
      { __typename: 'Tome', id: 't2' },
    ]);
  });

  test('a key can be __typename alone', async () => {
    const send = createSubject({
      depot: {
        typeDefs: 'type Query { stand: Stand } type Stand @key(fields: "__typename") { sku: String! }',
        resolvers: { Query: { stand: () => ({ sku: 's' }) } },
      },
      votes: {
        typeDefs: 'type Stand @key(fields: "__typename") { vote: Vote! } type Vote { score: Int! }',
        resolvers: { Stand: { __resolveReference: () => ({ vote: { score: 42 } }) } },
      },
    });
    const { data } = await send('{ stand { sku vote { score } } }');
    expect(data).toStrictEqual({ stand: { sku: 's', vote: { score: 42 } } });
  });

  test('a nested key with a required field of a hidden type has its __typename', async () => {
    const send = createSubject({
      finder: {
        typeDefs: `
          type Query { find(words: String!): Finding! }
          type Finding @key(fields: "terms { words }") {
            terms: Terms! @inaccessible
            best: Offer! @requires(fields: "terms { all }")
          }
          type Terms @key(fields: "words") @inaccessible { words: String! all: String! @external }
          type Offer { price: Int! }
        `,
        resolvers: {
          Query: { find: (_: unknown, { words }: { words: string }) => ({ terms: { words } }) },
          Finding: {
            __resolveReference: (finding: object) => finding,
            best: ({ terms }: { terms: { all: string } }) => ({ price: terms.all.length }),
          },
        },
      },
      terms: {
        typeDefs: 'type Terms @key(fields: "words") @inaccessible { words: String! all: String! }',
        resolvers: {
          Terms: {
            __resolveReference: ({ words }: { words: string }) => ({ words, all: `${words} and more` }),
          },
        },
      },
    });
    const { data } = await send('{ find(words: "cat") { best { price } } }');
    expect(data).toStrictEqual({ find: { best: { price: 12 } } });
  });

  test('null elements of a list are no entities', async () => {
    const references: unknown[] = [];
    const send = createSubject({
      goods: {
        typeDefs: `
          type Query { goods: [Good] best: [Good] }
          type Good @key(fields: "code") { code: String! weight: Int price: Int }
        `,
        resolvers: {
          Query: {
            goods: () => [{ code: '1', price: 100, weight: 1 }, { code: '2', price: 200, weight: 2 }, null],
            best: () => [{ code: '3' }],
          },
        },
      },
      depot: {
        typeDefs: `
          type Good @key(fields: "code") {
            code: String!
            weight: Int @external
            price: Int @external
            inStock: Boolean
            shipping: Int @requires(fields: "price weight")
          }
        `,
        resolvers: {
          Good: {
            __resolveReference(good: object) {
              references.push(good);
              return { ...good, inStock: true };
            },
            shipping: ({ weight }: { weight: number }) => weight * 10,
          },
        },
      },
    });
    const { data, errors } = await send('{ goods { shipping } best { inStock } }');
    expect(data).toStrictEqual({
      goods: [{ shipping: 10 }, { shipping: 20 }, null],
      best: [{ inStock: true }],
    });
    expect(errors).toBeUndefined();
    expect(references).toHaveLength(3);
  });
});

describe('a required object', () => {
  test('that is null is sent as null', async () => {
    const received: unknown[] = [];
    const send = createSubject({
      branches: {
        typeDefs: `
          type Query { branch(id: ID!): Branch }
          type Branch @key(fields: "id") { id: ID! contact: Contact }
          type Contact @shareable { mail: String clerk: Clerk }
          type Clerk @shareable { id: ID! name: String }
        `,
        resolvers: { Branch: { __resolveReference: ({ id }: { id: string }) => ({ id, contact: null }) } },
      },
      adverts: {
        typeDefs: `
          type Query { advert(id: ID!): Advert }
          type Advert @key(fields: "id") {
            id: ID!
            branch: Branch
            contact: Contact @requires(fields: "branch { contact { mail clerk { id name } } }")
          }
          type Branch @key(fields: "id", resolvable: false) { id: ID! contact: Contact @external }
          type Contact @shareable { mail: String clerk: Clerk }
          type Clerk @shareable { id: ID! name: String }
        `,
        resolvers: {
          Query: { advert: (_: unknown, { id }: { id: string }) => ({ id, branch: { id: 'b' } }) },
          Advert: {
            __resolveReference(reference: object) {
              received.push(reference);
              return reference;
            },
            contact: ({ branch }: { branch: { contact: unknown } }) => branch.contact,
          },
        },
      },
    });
    const { data, errors } = await send('{ advert(id: "1") { id contact { mail } } }');
    expect(data).toStrictEqual({ advert: { id: '1', contact: null } });
    expect(errors).toBeUndefined();
    expect(received).toStrictEqual([{ __typename: 'Advert', id: '1', branch: { contact: null } }]);
  });
});

describe('values of custom scalars keep their shape', () => {
  const texts = { 'button.more\t': 'More' };
  const mixed = ['one', texts, 1, true, null];
  const send = createSubject({
    texts: {
      typeDefs: `
        scalar Anything
        type Query {
          texts: Anything list: Anything word: Anything number: Anything flag: Anything nothing: Anything
          page: Page thing: Thing things: [Thing!]! reference(id: ID!): Ware
        }
        type Page { meta: Anything metas: [Anything!]! }
        interface Thing { id: ID! }
        type Labelled implements Thing { id: ID! meta: Anything }
        type Plain implements Thing { id: ID! title: String }
        type Ware @key(fields: "id") { id: ID! }
      `,
      resolvers: {
        Query: {
          texts: () => texts,
          list: () => mixed,
          word: () => 'plain',
          number: () => 42,
          flag: () => true,
          nothing: () => null,
          page: () => ({ meta: texts, metas: [texts, ['x', texts]] }),
          thing: () => ({ __typename: 'Labelled', id: '1', meta: texts }),
          things: () => [
            { __typename: 'Labelled', id: '1', meta: texts },
            { __typename: 'Plain', id: '2' },
          ],
          reference: (_: unknown, { id }: { id: string }) => ({ id }),
        },
      },
    },
    wares: {
      typeDefs: `
        scalar Anything
        type Query { ware(id: ID!): Ware }
        type Ware @key(fields: "id") { id: ID! meta: Anything }
      `,
      resolvers: {
        Query: { ware: (_: unknown, { id }: { id: string }) => ({ id, meta: { [id]: texts } }) },
        Ware: { __resolveReference: ({ id }: { id: string }) => ({ id, meta: { [id]: texts } }) },
      },
    },
  });

  test.each<[string, string, unknown, Record<string, unknown>?]>([
    [
      'of the root and below interfaces',
      `{ texts again: texts list word number flag nothing thing { __typename ...Meta } things { __typename ... on Labelled { meta } }
         page { meta other: meta metas } } fragment Meta on Labelled { meta }`,
      {
        texts,
        again: texts,
        list: mixed,
        word: 'plain',
        number: 42,
        flag: true,
        nothing: null,
        thing: { __typename: 'Labelled', meta: texts },
        things: [{ __typename: 'Labelled', meta: texts }, { __typename: 'Plain' }],
        page: { meta: texts, other: texts, metas: [texts, ['x', texts]] },
      },
    ],
    ...([true, false] as const).map((isIncluded): [string, string, unknown, Record<string, unknown>] => [
      isIncluded ? 'that are included' : 'that are not included',
      `query ($a: Boolean!, $b: Boolean!) { thing { __typename ... on Labelled { meta @skip(if: $b) @include(if: $a) }
         ... on Labelled @skip(if: $b) @include(if: $a) { gated: meta } } }`,
      { thing: { __typename: 'Labelled', ...(isIncluded && { meta: texts, gated: texts }) } },
      { a: isIncluded, b: false },
    ]),
    [
      'twice in an object',
      '{ ware(id: "p") { id meta again: meta } }',
      { ware: { id: 'p', meta: { p: texts }, again: { p: texts } } },
    ],
    [
      'of an entity',
      '{ reference(id: "p") { id meta again: meta } }',
      { reference: { id: 'p', meta: { p: texts }, again: { p: texts } } },
    ],
    [
      'of two entities',
      '{ a: reference(id: "p") { meta } b: reference(id: "q") { again: meta } }',
      { a: { meta: { p: texts } }, b: { again: { q: texts } } },
    ],
  ])('%s', async (_, query, data, variables) => {
    expect((await send(query, variables)).data).toStrictEqual(data);
  });
});

test('strings in arguments are escaped for subgraphs', async () => {
  const received: unknown[] = [];
  const send = createSubject({
    notes: {
      typeDefs: `
        type Query { note: String }
        type Mutation { write(box: String!, actions: [Action!]!): Note }
        type Note { id: String! }
        input Action { put: Put }
        input Put { fields: [Pair!]! }
        input Pair { key: String! text: String! }
      `,
      resolvers: {
        Mutation: {
          write(_: unknown, args: unknown) {
            received.push(args);
            return { id: 'n' };
          },
        },
      },
    },
  });
  const { data } = await send(
    'mutation { write(box: "b", actions: [{ put: { fields: [{ key: "k", text: "\\"quoted\\"" }] } }]) { id } }',
  );
  expect(data).toStrictEqual({ write: { id: 'n' } });
  expect(JSON.parse(JSON.stringify(received))).toStrictEqual([
    { box: 'b', actions: [{ put: { fields: [{ key: 'k', text: '"quoted"' }] } }] },
  ]);
});

describe('null goes up to the next nullable position', () => {
  const send = createSubject({
    numbers: {
      typeDefs: `
        type Query {
          maybe: String must: String! mustBox: Box! maybeBox: MaybeBox
          first: First second: Second! third: Third!
          grid: [[Int!]] matrix: [[Int!]!]! cube: [[[Int]!]]
          series: [Series]! mustSeries: [Series!]!
        }
        type Box { value: String! }
        type MaybeBox { value: String }
        type First { b: FirstB! }
        type FirstB { c: String }
        type Second { b: SecondB! }
        type SecondB { c: String! }
        type Third { b: ThirdB }
        type ThirdB { c: String! }
        type Series @key(fields: "id") { id: ID! }
      `,
      resolvers: {
        Query: {
          maybe: fail('maybe failed'),
          must: fail('must failed'),
          mustBox: () => ({ value: fail('value failed') }),
          maybeBox: () => ({ value: fail('value failed') }),
          first: () => ({ b: { c: fail('c failed') } }),
          second: () => ({ b: { c: fail('c failed') } }),
          third: () => ({ b: { c: fail('c failed') } }),
          grid: () => [
            [1, null],
            [2, 3],
          ],
          matrix: () => [[1, new GraphQLError('element failed')]],
          cube: () => [[[1], null], [[2]]],
          series: () => [{ id: '1' }, { id: '2' }],
          mustSeries: () => [{ id: '1' }, { id: '2' }],
        },
      },
    },
    measures: {
      typeDefs: 'type Series @key(fields: "id") { id: ID! values: [[Int!]!]! }',
      resolvers: {
        Series: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            values: id === '1' ? [[1, null]] : [[2, 3]],
          }),
        },
      },
    },
  });

  test.each<[string, string, unknown, readonly string[]]>([
    ['a nullable root field', '{ maybe }', { maybe: null }, ['maybe']],
    ['a nullable field', '{ maybeBox { value } }', { maybeBox: { value: null } }, ['maybeBox.value']],
    ['a non-null root field', '{ must }', null, ['must']],
    ['a non-null field of a non-null root field', '{ mustBox { value } }', null, ['mustBox.value']],
    ['a nullable leaf', '{ first { b { c } } }', { first: { b: { c: null } } }, ['first.b.c']],
    ['non-null at each level', '{ second { b { c } } }', null, ['second.b.c']],
    ['nullable in the middle', '{ third { b { c } } }', { third: { b: null } }, ['third.b.c']],
    ['an element of a list that fails', '{ matrix }', null, ['matrix.0.1']],
    // Hive Router reports none of the following nulls: GraphQL asks for an error.
    ['an element of a list in a list', '{ grid }', { grid: [null, [2, 3]] }, ['grid.0.1']],
    ['a list in a list in a list', '{ cube }', { cube: [null, [[2]]] }, ['cube.0.1']],
    [
      'an element in an entity',
      '{ series { id values } }',
      { series: [null, { id: '2', values: [[2, 3]] }] },
      ['series.0.values.0.1'],
    ],
    [
      'an element in an entity of a non-null list',
      '{ mustSeries { id values } }',
      null,
      ['mustSeries.0.values.0.1'],
    ],
  ])('%s', async (_, query, data, errorPaths) => {
    expect(await send(query)).toMatchObject({ data, errorPaths });
  });

  test('an entity that its subgraph does not know', async () => {
    const sendOrder = createSubject({
      orders: {
        typeDefs: `
          type Query { orders: [Order!]! }
          type Order { id: ID! user: User! }
          type User @key(fields: "id", resolvable: false) { id: ID! }
        `,
        resolvers: { Query: { orders: () => [{ id: '1', user: { id: '5' } }] } },
      },
      users: {
        typeDefs: 'type User @key(fields: "id") { id: ID! name: String mail: String! }',
        resolvers: { User: { __resolveReference: () => null } },
      },
    });
    expect(await sendOrder('{ orders { id user { id name mail } } }')).toMatchObject({
      data: null,
      errorPaths: ['orders.0.user.mail'],
    });
  });
});

describe('fragments with one response key', () => {
  const send = createSubject({
    media: {
      typeDefs: `
        type Query {
          steps: [Step!]! found: [Found!]! search: [Search!]! measured: [Measured!]!
          items: [Item!]! things: [Thing!]!
        }
        union Step = Started | Refused | Done
        type Started { order: Order }
        type Refused { order: Order }
        type Done { order: Order }
        type Order { id: ID! version: Int number: String }
        union Found = Group | Coin | Piece
        type Group { chain: Chain! }
        type Coin { chain: Chain! }
        type Piece { chain: Chain! }
        type Chain { name: String kind: String! }
        union Search = Text | Clip
        interface Measured { size: Size! }
        type Text implements Measured { size: Size! }
        type Clip implements Measured { size: Size! }
        type Size { title: String! words: Int }
        interface Item { id: ID! }
        type Book implements Item { id: ID! title: String! related: Item }
        type Film implements Item { id: ID! minutes: Int! special: String! }
        interface Thing { part: Part }
        type Tool implements Thing { part: Part }
        type Toy implements Thing { part: Part }
        interface Part { info: Info }
        type PlainPart implements Part { info: Info }
        type RichPart implements Part { info: Info }
        type Info { a: String b: String }
      `,
      resolvers: {
        Query: {
          steps: () => [
            { __typename: 'Started', order: { id: '1' } },
            { __typename: 'Done', order: { id: '2', version: fail('version failed') } },
          ],
          found: () => [
            { __typename: 'Group', chain: { name: 'g' } },
            { __typename: 'Coin', chain: { name: 'c' } },
            { __typename: 'Piece', chain: { kind: 'k' } },
          ],
          search: () => [
            { __typename: 'Text', size: { title: 'T', words: 100 } },
            { __typename: 'Clip', size: { words: 50 } },
          ],
          measured: () => [
            { __typename: 'Text', size: { title: 'T', words: 100 } },
            { __typename: 'Clip', size: { words: fail('words failed') } },
          ],
          items: () => [
            {
              __typename: 'Book',
              id: 'b',
              title: 'Dune',
              related: { __typename: 'Film', id: 'f', minutes: 9 },
            },
            { __typename: 'Film', id: 'f', minutes: 90, special: 'cut' },
          ],
          things: () => [
            { __typename: 'Tool', part: { __typename: 'RichPart', info: { a: 'A1', b: 'B1' } } },
            { __typename: 'Tool', part: { __typename: 'PlainPart', info: { a: 'A2' } } },
            { __typename: 'Toy', part: { __typename: 'RichPart', info: { a: 'A3', b: 'B3' } } },
          ],
        },
      },
    },
  });

  test.each<[string, string, unknown, readonly string[], Record<string, unknown>?]>([
    [
      'on types of a union',
      '{ steps { __typename ... on Started { order { id } } ... on Refused { order { id version number } } ... on Done { order { id } } } }',
      {
        steps: [
          { __typename: 'Started', order: { id: '1' } },
          { __typename: 'Done', order: { id: '2' } },
        ],
      },
      [],
    ],
    [
      'of which one selects a non-null field',
      '{ found { ... on Group { chain { name } } ... on Coin { chain { name } } ... on Piece { chain { kind } } } }',
      { found: [{ chain: { name: 'g' } }, { chain: { name: 'c' } }, { chain: { kind: 'k' } }] },
      [],
    ],
    [
      'on a type and on its interface',
      '{ search { ... on Text { size { title } } ... on Measured { size { words } } } }',
      { search: [{ size: { title: 'T', words: 100 } }, { size: { words: 50 } }] },
      [],
    ],
    [
      'on a type and on the interface of the field, with an error',
      '{ measured { ... on Text { size { title } } ... on Measured { size { words } } } }',
      { measured: [{ size: { title: 'T', words: 100 } }, { size: { words: null } }] },
      ['measured.1.size.words'],
    ],
    [
      'at two levels of interfaces',
      '{ items { ... on Book { title related { ... on Film { minutes } ... on Book { title } } } } }',
      { items: [{ title: 'Dune', related: { minutes: 9 } }, {}] },
      [],
    ],
    [
      'that do not apply',
      '{ items { ... on Book { related { id ... on Book { title } } } ... on Film { minutes } } }',
      { items: [{ related: { id: 'f' } }, { minutes: 90 }] },
      [],
    ],
    [
      'with different fields under one alias',
      '{ items { ... on Book { v: title } ... on Film { v: special } } }',
      { items: [{ v: 'Dune' }, { v: 'cut' }] },
      [],
    ],
    [
      'beside a field of the interface',
      '{ items { id ... on Book { title } ... on Film { minutes } } }',
      {
        items: [
          { id: 'b', title: 'Dune' },
          { id: 'f', minutes: 90 },
        ],
      },
      [],
    ],
    [
      'on a type that no object has',
      '{ steps { __typename ... on Refused { order { number } } } }',
      { steps: [{ __typename: 'Started' }, { __typename: 'Done' }] },
      [],
    ],
    [
      'of which one is excluded',
      'query ($skip: Boolean!, $film: Boolean!) { items { id ... on Book { title @skip(if: $skip) } ... on Film @include(if: $film) { special } } }',
      { items: [{ id: 'b' }, { id: 'f' }] },
      [],
      { skip: true, film: false },
    ],
    [
      'on a type below an interface below an interface',
      '{ things { part { info { a } } ... on Tool { part { ... on RichPart { info { b } } } } } }',
      {
        things: [
          { part: { info: { a: 'A1', b: 'B1' } } },
          { part: { info: { a: 'A2' } } },
          { part: { info: { a: 'A3' } } },
        ],
      },
      [],
    ],
    [
      'of which one has an error',
      '{ steps { ... on Started { order { id } } ... on Done { order { id version } } } }',
      { steps: [{ order: { id: '1' } }, { order: { id: '2', version: null } }] },
      ['steps.1.order.version'],
    ],
  ])('%s', async (_, query, data, errorPaths, variables) => {
    const answer = await send(query, variables);
    expect(answer.data).toStrictEqual(data);
    expect(answer.errorPaths).toStrictEqual(errorPaths);
  });
});

describe('a union whose fields come from another subgraph', () => {
  const send = createSubject({
    feed: {
      typeDefs: `
        type Query { feed: [Post!]! failing: [Post]! allFailing: [Post!]! }
        union Post = Photo | Clip
        type Photo @key(fields: "id") { id: ID! }
        type Clip @key(fields: "id") { id: ID! }
      `,
      resolvers: {
        Query: {
          feed: () => [
            { __typename: 'Photo', id: 'p' },
            { __typename: 'Clip', id: 'c' },
          ],
          failing: () => [
            { __typename: 'Photo', id: 'p' },
            { __typename: 'Photo', id: 'gone' },
            { __typename: 'Clip', id: 'c' },
          ],
          allFailing: () => [
            { __typename: 'Photo', id: 'gone' },
            { __typename: 'Clip', id: 'c' },
          ],
        },
      },
    },
    details: {
      typeDefs: `
        type Photo @key(fields: "id") { id: ID! caption: String! }
        type Clip @key(fields: "id") { id: ID! seconds: Int! }
      `,
      resolvers: {
        Photo: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            caption: id === 'gone' ? null : `caption of ${id}`,
          }),
        },
        Clip: { __resolveReference: ({ id }: { id: string }) => ({ id, seconds: 3 }) },
      },
    },
  });
  const fields = '{ ... on Photo { caption } ... on Clip { seconds } }';

  test.each<[string, string, unknown, readonly string[]]>([
    ['is fetched by type', `{ feed ${fields} }`, { feed: [{ caption: 'caption of p' }, { seconds: 3 }] }, []],
    [
      'loses the element that fails',
      `{ failing ${fields} }`,
      { failing: [{ caption: 'caption of p' }, null, { seconds: 3 }] },
      ['failing.1.caption'],
    ],
    ['is null if its elements are non-null', `{ allFailing ${fields} }`, null, ['allFailing.0.caption']],
  ])('%s', async (_, query, data, errorPaths) => {
    expect(await send(query)).toMatchObject({ data, errorPaths });
  });
});

describe('the query type below a mutation', () => {
  const send = createSubject({
    people: {
      typeDefs: `
        type Query { viewer(id: ID): Viewer! me: Person version: Version }
        type Mutation { greet: String }
        union Viewer = Person | Problem
        type Person @key(fields: "id") { id: ID! name: String! }
        type Problem @shareable { message: String! }
        type Version @shareable { a: String! }
      `,
      resolvers: {
        Query: {
          viewer: (_: unknown, { id }: { id?: string }) =>
            id === undefined
              ? { __typename: 'Problem', message: 'boom' }
              : { __typename: 'Person', id, name: 'Jane' },
          me: () => ({ id: '1', name: 'Jane' }),
        },
      },
    },
    trials: {
      typeDefs: `
        type Query { trials: Int }
        type Mutation { try: Trial }
        type Trial { record: ID errors: [String!]! query: Query }
        type Problem @shareable { message: String! }
      `,
      resolvers: { Mutation: { try: () => ({ errors: [], query: {} }) } },
    },
  });
  const getQuery = (selections: string) => `mutation { try { query { ${selections} } } }`;

  test.each<[string, string, unknown]>([
    [
      'is asked of another subgraph, for a union',
      getQuery('viewer(id: "1") { ... on Person { id name } ... on Problem { message } }'),
      { viewer: { id: '1', name: 'Jane' } },
    ],
    [
      'is asked of another subgraph, for the other type',
      getQuery('viewer { ... on Person { id } ... on Problem { message } }'),
      { viewer: { message: 'boom' } },
    ],
    [
      'is asked if the first subgraph has none of its fields',
      getQuery('me { id name }'),
      { me: { id: '1', name: 'Jane' } },
    ],
  ])('%s', async (_, query, data) => {
    expect((await send(query)).data).toStrictEqual({ try: { query: data } });
  });
});

describe("Apollo Router's samples", () => {
  test('a field, with and without an alias', async () => {
    const send = createSubject({
      accounts: {
        typeDefs: 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
        resolvers: { Query: { me: () => ({ id: '1', name: 'Ada' }) } },
      },
    });
    expect((await send('{ me { name } }')).data).toStrictEqual({ me: { name: 'Ada' } });
    const { data, queries } = await send('{ me { nombre: name } }');
    expect(data).toStrictEqual({ me: { nombre: 'Ada' } });
    expect(queries).toStrictEqual(['{me{nombre:name}}']);
  });

  test('a deferred field of another subgraph', async () => {
    const send = createSubject({
      accounts: {
        typeDefs: 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
        resolvers: { Query: { me: () => ({ id: '1', name: 'Ada' }) } },
      },
      opinions: {
        typeDefs:
          'type User @key(fields: "id") { id: ID! opinions: [Opinion] } type Opinion { text: String }',
        resolvers: {
          User: { __resolveReference: (user: object) => ({ ...user, opinions: [{ text: 'Good' }] }) },
        },
      },
    });
    // Without a transport that streams results, all fields are in one response.
    const { data, asked } = await send('{ me { name ... @defer { opinions { text } } } }');
    expect(data).toStrictEqual({ me: { name: 'Ada', opinions: [{ text: 'Good' }] } });
    expect(asked).toStrictEqual(['accounts', 'opinions']);
  });

  test('an interface that is an object in another subgraph', async () => {
    const references: unknown[] = [];
    const send = createSubject({
      shapes: {
        typeDefs: `
          type Query { shapes: [Shape] holder: Holder }
          interface Shape @key(fields: "id") { id: ID! x: Int }
          type Circle implements Shape @key(fields: "id") { id: ID! x: Int radius: String }
          type Square implements Shape @key(fields: "id") { id: ID! x: Int side: String }
          type Holder @key(fields: "id") { id: ID! shape: Shape }
        `,
        resolvers: {
          Query: {
            shapes: () => [
              { __typename: 'Circle', id: '1', x: 1, radius: 'r' },
              null,
              { __typename: 'Square', id: '2', x: 2, side: 's' },
              { __typename: 'Circle', id: '1', x: 1, radius: 'r' },
              { __typename: 'Square', id: '3', x: 3, side: 't' },
            ],
            holder: () => ({ id: 'h', shape: { __typename: 'Circle', id: '1', x: 1 } }),
          },
          Holder: { __resolveReference: (holder: object) => holder },
        },
      },
      places: {
        typeDefs: 'type Shape @key(fields: "id") @interfaceObject { id: ID! y: Int }',
        resolvers: {
          Shape: {
            __resolveReference(shape: { id: string }) {
              references.push(shape);
              return shape.id === '3' ? null : { ...shape, y: Number(shape.id) };
            },
          },
        },
      },
      holders: {
        typeDefs: `
          type Holder @key(fields: "id") { id: ID! shape: Shape @external sum: Int @requires(fields: "shape { x y }") }
          type Shape @key(fields: "id", resolvable: false) @interfaceObject { id: ID! x: Int @external y: Int @external }
        `,
        resolvers: {
          Holder: {
            __resolveReference: (holder: object) => holder,
            sum: ({ shape }: { shape: { x: number; y: number } }) => shape.x + shape.y,
          },
        },
      },
    });
    const { data } = await send(
      '{ shapes { __typename x y ... on Circle { radius } ... on Square { side } } }',
    );
    const circle = { __typename: 'Circle', x: 1, y: 1, radius: 'r' };
    const square = { __typename: 'Square', x: 2, y: 2, side: 's' };
    expect(data).toStrictEqual({
      shapes: [circle, null, square, circle, { ...square, x: 3, y: null, side: 't' }],
    });
    // An entity that occurs twice is asked for once.
    expect(references).toStrictEqual(['1', '2', '3'].map((id) => ({ __typename: 'Shape', id })));
    expect((await send('{ holder { id sum } }')).data).toStrictEqual({ holder: { id: 'h', sum: 2 } });
  });
});
