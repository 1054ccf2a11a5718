import type { FormattedExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createTestExecutor } from '../test-executor.js';
import { createMockFederation } from './mock-federation.js';

/*
 * The cases of Hive Router's authorization tests (pipeline/authorization/tests.rs, authorization_directives_filter and _reject) on
 * schemas of ours. See README.md in this folder.
 */

/** The scopes of a client; undefined without a token. */
type Scopes = string | undefined;
/** No subgraph is asked for anything. */
const NOTHING = undefined;

/** Why a decision differs from that of Hive Router. Each is a decision of ADR 24, and safe: no subgraph is asked for a denied field. */
const FRAGMENT = 'a fragment needs only what its type needs, not what the other types of the interface need';
const TYPENAME = 'the name of a type is never hidden';
const POSITION = 'there is an error for each null in the response, not for each fragment';
const EXISTENCE = 'an object is fetched if all its fields are denied: the client learns whether it exists';
const ONE_ERROR = 'several denied fields below one null are one error';

type Row = [
  title: string,
  scopes: Scopes,
  query: string,
  /** The paths of the errors. */
  denied: readonly string[],
  /** What the subgraph is asked, without `__typename` that the executor adds. */
  asked: string | undefined,
  /** Why Hive Router decides differently; undefined if it does not. */
  differs?: string,
];

/** Sends operations to a schema with one subgraph. */
function createSubject(typeDefs: string, unauthorizedOperations: 'filter' | 'reject' = 'filter') {
  const federation = createMockFederation(typeDefs);
  const executor = createTestExecutor(
    federation,
    {},
    { authorization: { logErrors: false, unauthorizedOperations } },
  );
  return async (scopes: Scopes, query: string, variables: Record<string, unknown> = {}) => {
    federation.requests.length = 0;
    const access =
      scopes === undefined ? undefined : { isAuthenticated: true, scopes: new Set(scopes.split(' ')) };
    const prepared = await executor.prepare({ query, variables }, { access });
    const isRejected = 'errors' in prepared;
    const result = isRejected ? { errors: prepared.errors } : await executor.execute(prepared, {});
    const { data, errors = [] } = JSON.parse(JSON.stringify(result)) as FormattedExecutionResult;
    const codes = [...new Set(errors.map(({ extensions }) => extensions?.['code']))];
    expect(codes).toStrictEqual(errors.length > 0 ? ['UNAUTHORIZED_FIELD_OR_TYPE'] : []);
    return {
      data,
      isRejected,
      denied: errors.map(({ path = [] }) => path.join('.')),
      asked: federation.requests.map((request) => request.query).join(' ') || undefined,
    };
  };
}

function testDecisions(typeDefs: string, rows: readonly Row[]): void {
  const send = createSubject(typeDefs);
  test.each(rows)('%s (scopes: %s)', async (_title, scopes, query, denied, asked) => {
    const variables = query.includes('$') ? { id: 'Film', title: 't', text: 'x' } : {};
    const result = await send(scopes, query, variables);
    expect(result.denied).toStrictEqual(denied);
    expect(result.asked?.replaceAll('__typename ', '')).toBe(asked);
  });
}

const GALLERY = `
  type Query {
    works: [Work!]
    me: Curator @requiresScopes(scopes: [["profile"]])
    item(id: ID!): Item
  }
  interface Item { id: ID! }
  type Work implements Item { id: ID! title: String maker: Curator loans(first: Int = 5): [Loan!] notes: Confidential }
  scalar Confidential @requiresScopes(scopes: [["internal", "audit"]])
  type Loan @requiresScopes(scopes: [["read:loan"]]) { id: ID! text: String by: Curator }
  type Curator implements Item @requiresScopes(scopes: [["read:curator"]]) {
    id: ID!
    name: String @requiresScopes(scopes: [["read:name"]])
    mail: String
  }
`;
describe('a field', () => {
  testDecisions(GALLERY, [
    ['without its scope', undefined, '{ works { title } me { name } }', ['me'], '{works{title}}'],
    ['with an alias', undefined, '{ works { title } myself: me { name } }', ['myself'], '{works{title}}'],
    ['of a scalar with scopes', undefined, '{ works { title notes } }', ['works.0.notes'], '{works{title}}'],
    [
      'whose elements have a denied type',
      undefined,
      '{ works { title loans { text by { name } } } }',
      ['works.0.loans'],
      '{works{title}}',
    ],
  ]);
});
describe('a fragment', () => {
  testDecisions(
    GALLERY,
    ['id ... on Curator { cid: id name } } }', 'id ...C } } fragment C on Curator { cid: id name }'].flatMap(
      (selections): Row[] => {
        const query = `{ works { title } item(id: "Curator") { ${selections}`;
        return [
          ['on a denied type', undefined, query, ['item'], '{works{title}}'],
          [
            'on a type of which a field is denied',
            'read:curator',
            query,
            ['item.name'],
            '{works{title}item(id:"Curator"){id ...on Curator{cid:id}}}',
          ],
          [
            'on a type with all scopes',
            'read:curator read:name',
            query,
            [],
            '{works{title}item(id:"Curator"){id ...on Curator{cid:id name}}}',
          ],
        ];
      },
    ),
  );
  testDecisions(GALLERY, [
    [
      'with a denied list',
      undefined,
      '{ works { title ...L } } fragment L on Work { loans { text } }',
      ['works.0.loans'],
      '{works{title}}',
    ],
  ]);
});
describe('an interface whose types need different scopes', () => {
  const query = 'query ($id: ID!) { node(id: $id) { id } }';
  const both = '{ node(id: "Film") { ... on Film { id } ... on Book { id } } }';
  testDecisions(
    `
      type Query { node(id: ID!): Node! version: String }
      interface Node { id: ID }
      type Book implements Node @requiresScopes(scopes: [["a"], ["b"]]) { id: ID pages: Int }
      type Film implements Node @requiresScopes(scopes: [["c"], ["d"]]) { id: ID minutes: Int }
    `,
    [
      ['without scopes', undefined, query, ['node'], NOTHING],
      ['with the scopes of one type', 'a', query, ['node'], NOTHING],
      ['with the scopes of both', 'a c', query, [], 'query($id:ID!){node(id:$id){id}}'],
      ['with other scopes of both', 'b d', query, [], 'query($id:ID!){node(id:$id){id}}'],
      [
        'fragments on its types, without scopes',
        undefined,
        both,
        ['node.id'],
        '{node(id:"Film"){__typename}}',
        FRAGMENT,
      ],
      [
        'fragments on its types, with the scopes of one',
        'a',
        both,
        ['node.id'],
        '{node(id:"Film"){...on Book{id}}}',
        FRAGMENT,
      ],
      [
        'fragments on its types, with twice the scopes of one',
        'a b',
        both,
        ['node.id'],
        '{node(id:"Film"){...on Book{id}}}',
        FRAGMENT,
      ],
      [
        'fragments on its types, with the scopes of both',
        'a c',
        both,
        [],
        '{node(id:"Film"){...on Film{id}...on Book{id}}}',
      ],
      [
        'only the name of the type',
        undefined,
        '{ version node(id: "Film") { __typename } }',
        [],
        '{version node(id:"Film"){__typename}}',
        TYPENAME,
      ],
      [
        'a variable that is no longer used',
        undefined,
        'query ($id: ID!) { version node(id: $id) { id } }',
        ['node'],
        '{version}',
      ],
    ],
  );
});
describe('a field of an interface whose types need different scopes', () => {
  testDecisions(
    `
      type Query { media(id: ID!): Media! }
      interface Media { id: ID title: String score: Int }
      type Book implements Media { id: ID @requiresScopes(scopes: [["a", "b"]]) title: String @requiresScopes(scopes: [["title"]]) score: Int pages: Int }
      type Film implements Media { id: ID @requiresScopes(scopes: [["c", "d"]]) title: String score: Int minutes: Int }
    `,
    [
      [
        'on the interface',
        undefined,
        '{ media(id: "Book") { id score } }',
        ['media.id'],
        '{media(id:"Book"){score}}',
      ],
      [
        'in fragments',
        undefined,
        '{ media(id: "Book") { ... on Book { id score } ... on Film { id score } } }',
        ['media.id'],
        '{media(id:"Book"){...on Book{score}...on Film{score}}}',
        POSITION,
      ],
      [
        'in fragments, with the scopes of the other type',
        'c d',
        '{ media(id: "Film") { ... on Book { id score } ... on Film { id score } } }',
        [],
        '{media(id:"Film"){...on Book{score}...on Film{id score}}}',
      ],
      [
        'with another denied field',
        undefined,
        '{ media(id: "Book") { id title } }',
        ['media.id', 'media.title'],
        '{media(id:"Book"){__typename}}',
        EXISTENCE,
      ],
      [
        'with all scopes',
        'a b c d title',
        '{ media(id: "Book") { id title score } }',
        [],
        '{media(id:"Book"){id title score}}',
      ],
    ],
  );
});
describe('an interface with one protected type', () => {
  testDecisions(
    `
      type Query { post(id: ID!): Post }
      interface Post { id: ID! title: String! }
      type OpenPost implements Post { id: ID! title: String! }
      type ClosedPost implements Post @requiresScopes(scopes: [["b"]]) { id: ID! title: String! @requiresScopes(scopes: [["c"]]) at: String }
    `,
    [
      [
        'a fragment on the open type',
        'profile',
        '{ post(id: "OpenPost") { ... on OpenPost { __typename title } } }',
        [],
        '{post(id:"OpenPost"){...on OpenPost{title}}}',
        FRAGMENT,
      ],
      [
        'the name of the type',
        undefined,
        '{ post(id: "OpenPost") { __typename ... on OpenPost { __typename title } } }',
        [],
        '{post(id:"OpenPost"){...on OpenPost{title}}}',
        FRAGMENT,
      ],
      ['its field without scopes', undefined, '{ post(id: "OpenPost") { title } }', ['post'], NOTHING],
      [
        'its field with the scope of the type',
        'b',
        '{ post(id: "OpenPost") { title } }',
        ['post.title'],
        '{post(id:"OpenPost"){__typename}}',
        EXISTENCE,
      ],
      [
        'its field with both scopes',
        'b c',
        '{ post(id: "ClosedPost") { title } }',
        [],
        '{post(id:"ClosedPost"){title}}',
      ],
    ],
  );
});
describe('a union of protected types', () => {
  const both = '{ media(id: "Book") { ... on Book { title } ... on Film { title } } }';
  testDecisions(
    `
      type Query { media(id: ID!): Media! }
      union Media = Book | Film
      type Book @requiresScopes(scopes: [["a", "b"]]) { title: String author: String }
      type Film @requiresScopes(scopes: [["c", "d"]]) { title: String director: String }
    `,
    [
      [
        'only the name of the type',
        undefined,
        '{ media(id: "Book") { __typename } }',
        [],
        '{media(id:"Book"){__typename}}',
      ],
      [
        'fragments without scopes',
        undefined,
        both,
        ['media.title'],
        '{media(id:"Book"){__typename}}',
        POSITION,
      ],
      [
        'fragments with the scopes of one',
        'a b',
        both,
        [],
        '{media(id:"Book"){...on Book{title}}}',
        POSITION,
      ],
      [
        'fragments with the scopes of the other',
        'c d',
        both,
        ['media.title'],
        '{media(id:"Book"){...on Film{title}}}',
        POSITION,
      ],
      [
        'fragments with all scopes',
        'a b c d',
        both,
        [],
        '{media(id:"Book"){...on Book{title}...on Film{title}}}',
      ],
      [
        'fragments with different fields',
        'a b',
        '{ media(id: "Book") { ... on Book { author } ... on Film { director } } }',
        [],
        '{media(id:"Book"){...on Book{author}}}',
        POSITION,
      ],
    ],
  );
});
describe('a mutation', () => {
  const create = 'createWork(title: "t", text: "x") { id title }';
  testDecisions(
    `
      type Query { works: [Work!] me: Curator }
      type Mutation @requiresScopes(scopes: [["write"]]) {
        createWork(title: String!, text: String!): Work @requiresScopes(scopes: [["write:work"]])
        deleteWork(id: ID!): Boolean
        comment(id: ID!, text: String!): Comment
        publish(id: ID!): Work @requiresScopes(scopes: [["publish"]])
      }
      type Work { id: ID! title: String }
      type Comment { id: ID! text: String }
      type Curator { id: ID! name: String }
    `,
    [
      ['without the scope of the type', undefined, `mutation { ${create} }`, ['createWork'], NOTHING],
      ['without the scope of the field', 'write', `mutation { ${create} }`, ['createWork'], NOTHING],
      [
        'of which one field is denied',
        'write',
        `mutation { deleteWork(id: "1") ${create} }`,
        ['createWork'],
        'mutation{deleteWork(id:1)}',
      ],
      [
        'of which two fields are denied',
        'write',
        `mutation { ${create} publish(id: "1") { id } deleteWork(id: "2") }`,
        ['createWork', 'publish'],
        'mutation{deleteWork(id:2)}',
      ],
      [
        'with all scopes',
        'write write:work',
        `mutation { ${create} }`,
        [],
        'mutation{createWork(title:"t" text:"x"){id title}}',
      ],
      [
        'whose fields need no more scopes',
        'write',
        'mutation { deleteWork(id: "1") comment(id: "1", text: "x") { id } }',
        [],
        'mutation{deleteWork(id:1)comment(id:1 text:"x"){id}}',
      ],
      [
        'whose fields need different scopes',
        'write write:work publish',
        `mutation { ${create} publish(id: "1") { id } }`,
        [],
        'mutation{createWork(title:"t" text:"x"){id title}publish(id:1){id}}',
      ],
      [
        'of which the last field is denied',
        'write write:work',
        `mutation { ${create} deleteWork(id: "2") publish(id: "3") { id } }`,
        ['publish'],
        'mutation{createWork(title:"t" text:"x"){id title}deleteWork(id:2)}',
      ],
      [
        'with a variable that is no longer used',
        'write',
        'mutation ($title: String!, $text: String!, $id: ID!) { createWork(title: $title, text: $text) { id title } deleteWork(id: $id) }',
        ['createWork'],
        'mutation($id:ID!){deleteWork(id:$id)}',
      ],
      [
        'with variables',
        'write write:work',
        'mutation ($title: String!, $text: String!) { createWork(title: $title, text: $text) { id title } }',
        [],
        'mutation($title:String!$text:String!){createWork(title:$title text:$text){id title}}',
      ],
    ],
  );
});
describe('the result of a mutation', () => {
  const hire = 'hire(name: "Ana") { id name }';
  testDecisions(
    `
      type Query { works: [Work!] }
      type Mutation { createWork(title: String!): Work hire(name: String!): Curator }
      type Work { id: ID! title: String }
      type Curator @requiresScopes(scopes: [["read:curator"]]) { id: ID! name: String }
    `,
    [
      ['without its scope', undefined, `mutation { ${hire} }`, ['hire'], NOTHING],
      ['with its scope', 'read:curator', `mutation { ${hire} }`, [], 'mutation{hire(name:"Ana"){id name}}'],
      [
        'beside an open one',
        undefined,
        `mutation { createWork(title: "t") { id title } ${hire} }`,
        ['hire'],
        'mutation{createWork(title:"t"){id title}}',
      ],
    ],
  );
});
describe('@authenticated', () => {
  testDecisions(
    `
      type Query { openWorks: [Work!] me: Curator @authenticated profile(id: ID): Profile @authenticated }
      type Mutation { createWork(title: String!): Work }
      type Work { id: ID! title: String maker: Curator }
      type Curator @authenticated { id: ID! name: String mail: String }
      type Profile { id: ID! name: String }
    `,
    [
      [
        'on a field, without a token',
        undefined,
        '{ openWorks { id title } me { id name } }',
        ['me'],
        '{openWorks{id title}}',
      ],
      [
        'on a field, with a token',
        '',
        '{ openWorks { id } me { id name } }',
        [],
        '{openWorks{id}me{id name}}',
      ],
      ['on a field of an open type', undefined, '{ profile { id name } }', ['profile'], NOTHING],
      [
        'on the type of a field',
        undefined,
        '{ openWorks { id title maker { id name } } }',
        ['openWorks.0.maker'],
        '{openWorks{id title}}',
      ],
      [
        'on the type of a field, with a token',
        '',
        '{ openWorks { id maker { id name } } }',
        [],
        '{openWorks{id maker{id name}}}',
      ],
      [
        'with a variable that is no longer used',
        undefined,
        'query ($id: ID!) { openWorks { id } profile(id: $id) { name } }',
        ['profile'],
        '{openWorks{id}}',
      ],
    ],
  );
});
describe('@authenticated on root types', () => {
  testDecisions(
    `
      type Query @authenticated { works: [Work!] me: Curator must: Curator! mustWorks: [Work!]! }
      type Mutation @authenticated { createWork(title: String!): Work hire(name: String!): Curator! delete(id: ID!): Boolean }
      type Work { id: ID! title: String }
      type Curator { id: ID! name: String }
    `,
    [
      ['a query', undefined, '{ works { id title } }', ['works'], NOTHING],
      ['a query with a token', '', '{ works { id title } }', [], '{works{id title}}'],
      ['all fields of a query', undefined, '{ works { id } me { id name } }', ['works', 'me'], NOTHING],
      ['a non-null field', undefined, '{ must { id name } }', ['must'], NOTHING],
      [
        'non-null and nullable fields',
        undefined,
        '{ must { id } me { id } mustWorks { id } works { id } }',
        ['must'],
        NOTHING,
        ONE_ERROR,
      ],
      ['a non-null field with a token', '', '{ must { id name } }', [], '{must{id name}}'],
      [
        'a non-null field and a list',
        undefined,
        '{ must { id } works { id } }',
        ['must'],
        NOTHING,
        ONE_ERROR,
      ],
      ['a mutation', undefined, 'mutation { createWork(title: "t") { id } }', ['createWork'], NOTHING],
      [
        'a mutation with a token',
        '',
        'mutation { createWork(title: "t") { id } }',
        [],
        'mutation{createWork(title:"t"){id}}',
      ],
      [
        'all fields of a mutation',
        undefined,
        'mutation { createWork(title: "t") { id } hire(name: "Ana") { id } }',
        ['createWork', 'hire'],
        NOTHING,
      ],
      [
        'a non-null field of a mutation',
        undefined,
        'mutation { hire(name: "Ana") { id name } }',
        ['hire'],
        NOTHING,
      ],
      ['a nullable field of a mutation', undefined, 'mutation { delete(id: "1") }', ['delete'], NOTHING],
    ],
  );
});
describe('a non-null field', () => {
  testDecisions(
    `
      type Query { open: String private: Curator! @authenticated maybe: Curator @authenticated me: Member }
      type Curator { id: ID! name: String }
      type Member { id: ID! posts: Posts }
      type Posts { title: String! @authenticated }
    `,
    [
      [
        'of the root',
        undefined,
        '{ open private { id name } maybe { id } }',
        ['private'],
        '{open}',
        ONE_ERROR,
      ],
      [
        'below a nullable one',
        undefined,
        '{ me { id posts { title } } open }',
        ['me.posts.title'],
        '{me{id posts{__typename}}open}',
        EXISTENCE,
      ],
    ],
  );
});
describe('@authenticated with @requiresScopes', () => {
  const admin = '{ openWorks { id } admin { settings { theme } } }';
  const users = '{ admin { users { id } settings { theme } } }';
  testDecisions(
    `
      type Query { openWorks: [Work!] admin: AdminPanel @authenticated @requiresScopes(scopes: [["admin"]]) }
      type Work { id: ID! title: String }
      type AdminPanel @authenticated { users: [User!] @requiresScopes(scopes: [["read:users"]]) settings: Settings }
      type User { id: ID! name: String }
      type Settings { theme: String }
    `,
    [
      ['without a token', undefined, admin, ['admin'], '{openWorks{id}}'],
      ['without the scope', '', admin, ['admin'], '{openWorks{id}}'],
      ['with the scope', 'admin', admin, [], '{openWorks{id}admin{settings{theme}}}'],
      ['without the scope of a field below', 'admin', users, ['admin.users'], '{admin{settings{theme}}}'],
      [
        'with the scope of the field below',
        'admin read:users',
        users,
        [],
        '{admin{users{id}settings{theme}}}',
      ],
    ],
  );
});

const SHOP = `
  type Query { me: Member @authenticated goods(first: Int = 5): [Good] }
  type Good {
    code: ID!
    name: String
    price: Int! @requiresScopes(scopes: [["read:price"]])
    notes: String @requiresScopes(scopes: [["read:notes"], ["admin"]])
    internal: String @requiresScopes(scopes: [["read:internal", "admin"]])
    reviews: [Review]
  }
  type Review { id: ID! body: String @authenticated }
  type Member {
    id: ID!
    name: String
    birthday: Int @requiresScopes(scopes: [["read:birthday"]])
    accounts: [Account!]!
  }
  interface Account { url: String! handle: String! }
  type PhotoAccount implements Account {
    url: String! @authenticated handle: String! @requiresScopes(scopes: [["read:photo"]]) followers: Int!
  }
  type CodeAccount implements Account {
    url: String! @authenticated handle: String! @requiresScopes(scopes: [["read:code"]]) projects: Int!
  }
`;

describe('a whole operation, filtered and rejected', () => {
  const filter = createSubject(SHOP);
  const reject = createSubject(SHOP, 'reject');
  const all = '{ goods { code name price notes } me { id name birthday } }';
  const birthday = '{ me { birthday } }';
  const conditional = 'query ($if: Boolean!) { me { id birthday @include(if: $if) } }';
  const skipped = 'query ($if: Boolean!) { me { id birthday @skip(if: $if) } }';
  const both = '{ me { accounts { ... on CodeAccount { handle } ... on PhotoAccount { handle } } } }';

  test.each<
    readonly [
      title: string,
      scopes: Scopes,
      query: string,
      variables: Record<string, unknown>,
      filtered: readonly string[],
      rejected: readonly string[],
    ]
  >([
    ['a field without a token', undefined, '{ me { id name } goods(first: 1) { code } }', {}, ['me'], ['me']],
    ['an operation of which nothing is left', undefined, '{ me { id } }', {}, ['me'], ['me']],
    ['a field with a token', '', '{ me { id name } }', {}, [], []],
    ['a field with its scope', 'read:birthday', birthday, {}, [], []],
    ['a field without its scope', 'roles', birthday, {}, ['me.birthday'], ['me.birthday']],
    [
      'many fields without a token',
      undefined,
      all,
      {},
      ['goods.0.price', 'me'],
      ['goods.@.price', 'goods.@.notes', 'me'],
    ],
    [
      'many fields with some scopes',
      'read:price',
      all,
      {},
      ['goods.0.notes', 'me.birthday'],
      ['goods.@.notes', 'me.birthday'],
    ],
    ['many fields with all scopes', 'read:price read:notes read:birthday', all, {}, [], []],
    [
      'one of two scopes',
      'read:internal',
      '{ goods { name internal } }',
      {},
      ['goods.0.internal'],
      ['goods.@.internal'],
    ],
    [
      'the other of two scopes',
      'admin',
      '{ goods { name internal } }',
      {},
      ['goods.0.internal'],
      ['goods.@.internal'],
    ],
    ['both scopes', 'read:internal admin', '{ goods { name internal } }', {}, [], []],
    ['one of alternative scopes', 'read:notes', '{ goods { name notes } }', {}, [], []],
    ['the other alternative scope', 'admin', '{ goods { name notes } }', {}, [], []],
    ['another scope', 'read:shipping', '{ goods { name notes } }', {}, ['goods.0.notes'], ['goods.@.notes']],
    ['an allowed field that is included', 'read:birthday', conditional, { if: true }, [], []],
    ['an allowed field that is not included', 'read:birthday', conditional, { if: false }, [], []],
    ['a denied field that is included', '', conditional, { if: true }, ['me.birthday'], ['me.birthday']],
    ['a denied field that is not included', '', conditional, { if: false }, [], []],
    ['a field that is skipped', '', skipped, { if: true }, [], []],
    ['a field that is not skipped', '', skipped, { if: false }, ['me.birthday'], ['me.birthday']],
    [
      'a denied field below lists',
      undefined,
      '{ goods { reviews { body } } }',
      {},
      ['goods.0.reviews.0.body'],
      ['goods.@.reviews.@.body'],
    ],
    ['a field of an interface without a token', undefined, '{ me { accounts { url } } }', {}, ['me'], ['me']],
    ['a field of an interface with a token', '', '{ me { accounts { url } } }', {}, [], []],
    [
      'a field of an interface without scopes',
      '',
      '{ me { accounts { handle } } }',
      {},
      ['me.accounts.0.handle'],
      ['me.accounts.@.handle'],
    ],
    [
      'a field of an interface with one scope',
      'read:photo',
      '{ me { accounts { handle } } }',
      {},
      ['me.accounts.0.handle'],
      ['me.accounts.@.handle'],
    ],
    [
      'a field of an interface with both scopes',
      'read:photo read:code',
      '{ me { accounts { handle } } }',
      {},
      [],
      [],
    ],
    [
      'two fields of an interface',
      '',
      '{ me { accounts { url handle } } }',
      {},
      ['me.accounts.0.handle'],
      ['me.accounts.@.handle'],
    ],
    [
      'a fragment with its scope',
      'read:code',
      '{ me { accounts { ... on CodeAccount { url handle } } } }',
      {},
      [],
      [],
    ],
    [
      'a fragment without its scope',
      '',
      '{ me { accounts { ... on CodeAccount { handle } } } }',
      {},
      ['me.accounts.1.handle'],
      ['me.accounts.@.handle'],
    ],
    [
      'fragments of which one is denied',
      'read:photo',
      both,
      {},
      ['me.accounts.1.handle'],
      ['me.accounts.@.handle'],
    ],
    ['fragments with all scopes', 'read:photo read:code', both, {}, [], []],
    [
      'an open field in a fragment',
      '',
      '{ me { accounts { ... on PhotoAccount { followers } } } }',
      {},
      [],
      [],
    ],
    [
      'fields in fragments that need a token',
      '',
      '{ me { accounts { ... on CodeAccount { url projects } ... on PhotoAccount { url } } } }',
      {},
      [],
      [],
    ],
    [
      'a denied field beside the name of the type',
      '',
      '{ me { accounts { __typename handle } } }',
      {},
      ['me.accounts.0.handle'],
      ['me.accounts.@.handle'],
    ],
  ])('%s (scopes: %s)', async (_title, scopes, query, variables, filtered, rejected) => {
    expect(await filter(scopes, query, variables)).toMatchObject({ isRejected: false, denied: filtered });
    const isRejected = rejected.length > 0;
    expect(await reject(scopes, query, variables)).toMatchObject({ isRejected, denied: rejected });
  });
});
