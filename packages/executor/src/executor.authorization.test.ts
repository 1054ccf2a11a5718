import { introspectionFromSchema, type FormattedExecutionResult } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Executor, ExecutorContext, ExecutorOptions } from './executor.js';
import type { AuthorizationOptions, ClientAccess } from './shared/client-access.js';
import { createTestExecutor, prepareNow, silentLogger } from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';
import { createVaultFederation } from './testing/vault-federation.js';

const federation = createVaultFederation();
beforeEach(() => {
  federation.requests.length = 0;
});

const createAccess = (scope = '', policies: readonly string[] = []): ClientAccess => ({
  isAuthenticated: true,
  scopes: new Set(scope.split(' ')),
  policies: new Set(policies),
});

const createVaultExecutor = (
  authorization: AuthorizationOptions = {},
  options: Partial<ExecutorOptions<ExecutorContext>> = {},
) =>
  createTestExecutor(federation, {}, { authorization: { logErrors: false, ...authorization }, ...options });

interface Answer extends FormattedExecutionResult {
  /** The paths of the errors that say that the client may not access a field. */
  readonly deniedPaths: readonly string[];
}

/** Sends a query to an executor. Rejections are results too. */
async function ask(
  executor: Executor<ExecutorContext>,
  query: string,
  access?: ClientAccess,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const prepared = await executor.prepare({ query, variables }, { access });
  const result =
    'errors' in prepared
      ? { errors: prepared.errors.map((error) => error.toJSON()) }
      : await executor.execute(prepared, {});
  const parsed = JSON.parse(JSON.stringify(result)) as FormattedExecutionResult;
  const denied = (parsed.errors ?? []).filter(
    ({ extensions }) => extensions?.['code'] === 'UNAUTHORIZED_FIELD_OR_TYPE',
  );
  return { ...parsed, deniedPaths: denied.map(({ path = [] }) => path.join('.')) };
}

const listAskedFields = () =>
  federation.requests.map(({ service, query }) => `${service} ${query}`).join('\n');

describe('a field that its client may not access', () => {
  const executor = createVaultExecutor();

  test('is null with an error, and no subgraph is asked for it', async () => {
    const { data, errors } = await ask(executor, '{ open inside scoped judged }');
    expect(data).toStrictEqual({ open: 'o', inside: null, scoped: null, judged: null });
    expect(errors).toStrictEqual(
      ['inside', 'scoped', 'judged'].map((field) => ({
        message: 'Unauthorized field or type',
        path: [field],
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      })),
    );
    expect(federation.requests.map(({ query }) => query)).toStrictEqual(['{open}']);
  });

  test('costs no request if nothing else is selected', async () => {
    const { data, deniedPaths } = await ask(executor, '{ inside scoped }');
    expect(data).toStrictEqual({ inside: null, scoped: null });
    expect(deniedPaths).toStrictEqual(['inside', 'scoped']);
    expect(federation.requests).toHaveLength(0);
  });

  test('has its alias in the path', async () => {
    const { data, deniedPaths } = await ask(executor, '{ a: inside me { b: email c: name } }');
    expect(data).toStrictEqual({ a: null, me: { b: null, c: 'Ada' } });
    expect(deniedPaths).toStrictEqual(['a', 'me.b']);
  });

  test('has an error with indexes for each element of a list', async () => {
    const { data, deniedPaths } = await ask(
      executor,
      '{ people { name email } maybePeople { email } grid { email } }',
    );
    expect(data).toStrictEqual({
      people: [
        { name: 'Ada', email: null },
        { name: 'Bob', email: null },
      ],
      maybePeople: [{ email: null }, null, { email: null }],
      grid: [[{ email: null }], [{ email: null }, null]],
    });
    expect(deniedPaths).toStrictEqual([
      'people.0.email',
      'people.1.email',
      'maybePeople.0.email',
      'maybePeople.2.email',
      'grid.0.0.email',
      'grid.1.0.email',
    ]);
  });

  test('does not make its subgraph part of the plan', async () => {
    const { data } = await ask(executor, '{ me { name debt } }');
    expect(data).toStrictEqual({ me: { name: 'Ada', debt: null } });
    expect(federation.requests.map(({ service }) => service)).toStrictEqual(['people']);
    await ask(executor, '{ me { name balance debt } }');
    expect(listAskedFields()).toContain('balance');
    expect(listAskedFields()).not.toContain('debt');
  });

  test('makes its parents null up to the next nullable one if it is non-null', async () => {
    expect(await ask(executor, '{ open me { name card } }')).toMatchObject({
      data: { open: 'o', me: null },
      deniedPaths: ['me.card'],
    });
    expect(await ask(executor, '{ maybePeople { limit } }')).toMatchObject({
      data: { maybePeople: [null, null, null] },
      deniedPaths: ['maybePeople.0.limit', 'maybePeople.2.limit'],
    });
    expect(await ask(executor, '{ open people { card } }')).toMatchObject({
      data: null,
      deniedPaths: ['people.0.card'],
    });
  });

  test('stays hidden if it is a key that the plan fetches for itself', async () => {
    const { data, deniedPaths } = await ask(executor, '{ me { friend { balance } } }');
    expect(data).toStrictEqual({ me: { friend: { balance: 20 } } });
    expect(deniedPaths).toStrictEqual([]);
    expect(await ask(executor, '{ me { friend { id balance } } }')).toMatchObject({
      data: { me: { friend: null } },
      deniedPaths: ['me.friend.id'],
    });
    expect(await ask(executor, '{ me { key: id balance } }', createAccess('read:id'))).toMatchObject({
      data: { me: { key: '1', balance: 10 } },
    });
  });

  test('does not hide whether the object around it exists', async () => {
    expect((await ask(executor, '{ me { email } }')).data).toStrictEqual({ me: { email: null } });
  });

  test('is not reported if @skip or @include exclude it', async () => {
    const query =
      'query ($no: Boolean!) { open inside @include(if: $no) ...F @include(if: $no) } fragment F on Query { scoped }';
    expect(await ask(executor, query, undefined, { no: false })).toStrictEqual({
      data: { open: 'o' },
      deniedPaths: [],
    });
    expect((await ask(executor, query, undefined, { no: true })).deniedPaths).toStrictEqual([
      'inside',
      'scoped',
    ]);
  });

  test('has at most 1,000 errors in a response', async () => {
    const fields = Array.from({ length: 600 }, (_, index) => `f${index}: email`).join(' ');
    const { data, deniedPaths } = await ask(executor, `{ people { ${fields} } }`);
    expect(deniedPaths).toHaveLength(1_000);
    expect((data as { people: object[] }).people.map((person) => Object.keys(person).length)).toEqual([
      600, 600,
    ]);
  });
});

describe('requirements', () => {
  const executor = createVaultExecutor();
  const canRead = async (field: string, access?: ClientAccess) =>
    (await ask(executor, `{ ${field} }`, access)).deniedPaths.length === 0;

  test('of @authenticated are met by every authenticated client', async () => {
    expect(await canRead('inside', createAccess())).toBe(true);
    expect(await canRead('inside', { isAuthenticated: false })).toBe(false);
    expect(await canRead('inside', undefined)).toBe(false);
  });

  test.each([
    ['', false],
    ['read:a', false],
    ['read:b read:c', false],
    ['read:b read:a', true],
    ['admin', true],
    ['administrator', false],
  ])('of @requiresScopes: the scopes "%s" suffice: %s', async (scopes, expected) => {
    expect(await canRead('scoped', createAccess(scopes))).toBe(expected);
  });

  test.each([
    [[], false],
    [['adult'], false],
    [['adult', 'resident'], true],
    [['guest'], true],
  ])('of @policy: the policies %j suffice: %s', async (policies, expected) => {
    expect(await canRead('judged', createAccess('', policies))).toBe(expected);
  });

  test('of several directives must all be met', async () => {
    expect(await canRead('doubled', createAccess('read:a'))).toBe(true);
    expect(await canRead('doubled', createAccess('read:b'))).toBe(false);
    expect(await canRead('doubled', { isAuthenticated: false, scopes: new Set(['read:a']) })).toBe(false);
  });

  test('of a scalar, an enum or an object type are those of the fields that return it', async () => {
    expect(await ask(executor, '{ coin vault { gold } me { rank } }')).toMatchObject({
      data: { coin: null, vault: null, me: { rank: null } },
      deniedPaths: ['coin', 'vault', 'me.rank'],
    });
    expect(
      await ask(executor, '{ coin vault { gold } me { rank } }', createAccess('read:rank')),
    ).toMatchObject({
      data: { coin: 5, vault: { gold: 1 }, me: { rank: 'HIGH' } },
      deniedPaths: [],
    });
  });
});

describe('a selection of an interface', () => {
  const executor = createVaultExecutor();
  const reader = createAccess('read:letters');

  test('is denied as a whole if one of its types needs more', async () => {
    expect(await ask(executor, '{ open documents { title } }', createAccess())).toMatchObject({
      data: { open: 'o', documents: null },
      deniedPaths: ['documents'],
    });
    expect(await ask(executor, '{ open strictDocuments { title } }', createAccess())).toMatchObject({
      data: null,
      deniedPaths: ['strictDocuments'],
    });
    expect(listAskedFields()).not.toContain('ocuments');
    expect(await ask(executor, '{ documents { title } }', reader)).toMatchObject({
      data: { documents: [{ title: 'a note' }, { title: 'a letter' }] },
      deniedPaths: [],
    });
  });

  test('in fragments on types is denied for these types only', async () => {
    const query = '{ documents { ... on Note { title } ... on Letter { title seal } } }';
    const { data, deniedPaths } = await ask(executor, query, createAccess());
    expect(data).toStrictEqual({ documents: [{ title: 'a note' }, { title: null, seal: null }] });
    expect(deniedPaths).toStrictEqual(['documents.1.title', 'documents.1.seal']);
    expect(listAskedFields()).not.toContain('Letter');
  });

  test.each([
    ['an inline fragment', '{ documents { ... on Document { title } } }'],
    ['a fragment without a type', '{ documents { ... { title } } }'],
    ['a named fragment', '{ documents { ...F } } fragment F on Document { title }'],
    [
      'nested fragments',
      '{ documents { ... on Document { ...F } } } fragment F on Document { ... { title } }',
    ],
    ['a fragment in a union', '{ documents: anything { ... on Document { title } } }'],
  ])('is denied in %s on the interface', async (_, query) => {
    const { data } = await ask(executor, query, createAccess());
    expect(JSON.stringify(data)).not.toContain('letter');
    expect(listAskedFields()).not.toContain('title');
    expect(JSON.stringify((await ask(executor, query, reader)).data)).toContain('a letter');
  });

  test('is denied by field if a field of one of its types needs more', async () => {
    expect(await ask(executor, '{ described { __typename label } }')).toMatchObject({
      data: {
        described: [
          { __typename: 'Box', label: null },
          { __typename: 'Chest', label: null },
        ],
      },
      deniedPaths: ['described.0.label', 'described.1.label'],
    });
    expect(
      await ask(executor, '{ described { ... on Box { label } ... on Chest { id label } } }'),
    ).toMatchObject({
      data: { described: [{ label: 'a box' }, { id: 'c', label: null }] },
      deniedPaths: ['described.1.label'],
    });
  });

  test('shows a field that another selection of the same key may show', async () => {
    const { data } = await ask(executor, '{ described { label ... on Box { label } } }');
    expect(data).toStrictEqual({ described: [{ label: 'a box' }, { label: null }] });
    const nested =
      '{ anything { ... on Document { title } ... on Note { title text } ...B } } fragment B on Box { label }';
    expect((await ask(executor, nested, createAccess())).data).toStrictEqual({
      anything: [{ title: 'a note', text: 'read me' }, { title: null }, { label: 'a box' }],
    });
  });

  test('always shows the names of types', async () => {
    const query = '{ documents { __typename } anything { __typename ... on Letter { __typename seal } } }';
    expect(await ask(executor, query)).toMatchObject({
      data: {
        documents: [{ __typename: 'Note' }, { __typename: 'Letter' }],
        anything: [{ __typename: 'Note' }, { __typename: 'Letter', seal: null }, { __typename: 'Box' }],
      },
      deniedPaths: ['anything.1.seal'],
    });
  });
});

describe('a field of an interface object', () => {
  const ITEMS = [
    { __typename: 'Lock', id: '1' },
    { __typename: 'Bolt', id: '2' },
  ];
  const items = createTestFederation({
    items: {
      typeDefs: `
        interface Item @key(fields: "id") { id: ID! }
        type Lock implements Item @key(fields: "id") { id: ID! }
        type Bolt implements Item @key(fields: "id") { id: ID! }
        type Query { items: [Item] lock: Lock }
      `,
      resolvers: { Query: { items: () => ITEMS, lock: () => ITEMS[0] } },
    },
    secrets: {
      typeDefs: `type Item @interfaceObject @key(fields: "id") { id: ID! code: String @authenticated size: Int }`,
      resolvers: {
        Item: { __resolveReference: ({ id }: { id: string }) => ({ id, code: `c${id}`, size: 7 }) },
      },
    },
  });
  const executor = createTestExecutor(items, {}, { authorization: { logErrors: false } });

  test('is denied for the interface and for each of its types', async () => {
    const query = '{ items { size code ... on Lock { key: code } } lock { size code } }';
    expect((await ask(executor, query)).data).toStrictEqual({
      items: [
        { size: 7, code: null, key: null },
        { size: 7, code: null },
      ],
      lock: { size: 7, code: null },
    });
    expect(JSON.stringify(items.requests)).not.toContain('code');
    expect((await ask(executor, query, createAccess())).data).toStrictEqual({
      items: [
        { size: 7, code: 'c1', key: 'c1' },
        { size: 7, code: 'c2' },
      ],
      lock: { size: 7, code: 'c1' },
    });
  });
});

describe('a field that another one requires', () => {
  test('is fetched for that one, and hidden itself', async () => {
    const parcels = createTestFederation({
      parcels: {
        typeDefs: `
          type Parcel @key(fields: "id") { id: ID! weight: Int @authenticated }
          type Query { parcel: Parcel }
        `,
        resolvers: { Query: { parcel: () => ({ id: '1', weight: 5 }) } },
      },
      prices: {
        typeDefs: `
          type Parcel @key(fields: "id") {
            id: ID! weight: Int @external
            price: Int @requires(fields: "weight") @authenticated
          }
        `,
        resolvers: { Parcel: { price: ({ weight }: { weight: number }) => 2 * weight } },
      },
    });
    const executor = createTestExecutor(parcels, {}, { authorization: { logErrors: false } });
    expect((await ask(executor, '{ parcel { price } }')).data).toStrictEqual({ parcel: { price: null } });
    expect(JSON.stringify(parcels.requests)).not.toContain('weight');
    expect((await ask(executor, '{ parcel { price } }', createAccess())).data).toStrictEqual({
      parcel: { price: 10 },
    });
  });
});

describe('fragments', () => {
  const executor = createVaultExecutor();

  test('are judged by their fields wherever they are spread', async () => {
    const query = `
      { me { ...P friend { ...P } } people { ...P } }
      fragment P on Person { name ...Private }
      fragment Private on Person { email vault { gold } }
    `;
    const { data } = await ask(executor, query, createAccess());
    const person = (name: string) => ({ name, email: null, vault: { gold: 2 } });
    expect(data).toStrictEqual({
      me: { ...person('Ada'), friend: person('Bob') },
      people: [person('Ada'), person('Bob')],
    });
    expect(listAskedFields()).not.toContain('email');
  });

  test('inside a denied field stay visible elsewhere', async () => {
    const query = '{ vault { ...V } me { vault { ...V } name } } fragment V on Vault { gold }';
    expect((await ask(executor, query)).data).toStrictEqual({
      vault: null,
      me: { vault: null, name: 'Ada' },
    });
    expect((await ask(executor, query, createAccess())).data).toStrictEqual({
      vault: { gold: 1 },
      me: { vault: { gold: 2 }, name: 'Ada' },
    });
  });
});

describe('mutations', () => {
  const executor = createVaultExecutor();

  test('that the client may not run are not run', async () => {
    const query = 'mutation { a: closeVault b: openVault { count key } }';
    expect(await ask(executor, query)).toMatchObject({
      data: { a: null, b: { count: 1, key: null } },
      deniedPaths: ['a', 'b.key'],
    });
    expect(federation.requests.map((request) => request.query)).toStrictEqual([
      'mutation{b:openVault{count}}',
    ]);
    expect(await ask(executor, 'mutation { closeVault }')).toMatchObject({ data: { closeVault: null } });
    expect(federation.requests).toHaveLength(1);
  });

  test('are run if the client may not see their result', async () => {
    expect(await ask(executor, 'mutation { openVault { key } }')).toMatchObject({
      data: { openVault: { key: null } },
      deniedPaths: ['openVault.key'],
    });
    expect(federation.requests).toHaveLength(1);
  });
});

describe('introspection', () => {
  test('shows everything to everyone', async () => {
    const executor = createVaultExecutor();
    const query = '{ __schema { types { name fields { name } } } __type(name: "Vault") { name } inside }';
    const { data, deniedPaths } = await ask(executor, query);
    const names = introspectionFromSchema(executor.schema).__schema.types.map(({ name }) => name);
    const { __schema, __type } = data as { __schema: { types: { name: string }[] }; __type: object };
    expect(__schema.types.map(({ name }) => name).sort()).toStrictEqual(names.sort());
    expect(__type).toStrictEqual({ name: 'Vault' });
    expect(deniedPaths).toStrictEqual(['inside']);
  });
});

test('a denied fragment hides neither the schema nor the names of types', async () => {
  const executor = createVaultExecutor(
    {},
    {
      supergraphSdl: federation.supergraphSdl.replace(/type Query\b/, 'type Query @authenticated'),
    },
  );
  const query = '{ ... on Query { __typename __type(name: "Coin") { name } open } }';
  expect(await ask(executor, query)).toMatchObject({
    data: { __typename: 'Query', __type: { name: 'Coin' }, open: null },
    deniedPaths: ['open'],
  });
});

describe('callers of one operation', () => {
  test('never receive what another one may access', async () => {
    const executor = createVaultExecutor();
    const query = '{ open inside scoped me { name email } }';
    const expected = (inside: unknown, scoped: unknown, email: unknown) => ({
      open: 'o',
      inside,
      scoped,
      me: { name: 'Ada', email },
    });
    for (let round = 0; round < 3; round++) {
      expect((await ask(executor, query)).data).toStrictEqual(expected(null, null, null));
      expect((await ask(executor, query, createAccess('admin'))).data).toStrictEqual(
        expected('i', 's', null),
      );
      expect((await ask(executor, query, createAccess('read:email'))).data).toStrictEqual(
        expected('i', null, 'ada@vault.test'),
      );
      expect((await ask(executor, query, createAccess('read:email admin other'))).data).toStrictEqual(
        expected('i', 's', 'ada@vault.test'),
      );
    }
  });

  test('share a plan if they meet the same requirements', () => {
    const executor = createVaultExecutor();
    const plan = (access?: ClientAccess) => {
      let isPlanned: boolean | undefined;
      prepareNow(
        executor,
        { query: '{ inside scoped }' },
        { access, authorize: (operation) => void (isPlanned = operation.isPlanned) },
      );
      return isPlanned;
    };
    expect(plan(createAccess('x'))).toBe(false);
    expect(plan(createAccess('y read:a'))).toBe(true);
    expect(plan()).toBe(false);
    expect(plan({ isAuthenticated: false, scopes: new Set(['z']) })).toBe(true);
    expect(plan(createAccess('admin'))).toBe(false);
  });

  test('who send it at the same time do not share what they may access', async () => {
    const executor = createVaultExecutor();
    const query = '{ me { name balance } people { name email } }';
    const accesses = [
      undefined,
      createAccess('read:email'),
      createAccess(),
      createAccess('read:email read:id'),
    ];
    const answers = await Promise.all(accesses.map((access) => ask(executor, query, access)));
    const emails = answers.map(({ data }) => (data as { people: { email: unknown }[] }).people[0]?.email);
    expect(emails).toStrictEqual([null, 'ada@vault.test', null, 'ada@vault.test']);
  });

  test('pay for the operation as they sent it', () => {
    const executor = createVaultExecutor();
    const estimate = (access?: ClientAccess) => {
      let cost = 0;
      prepareNow(
        executor,
        { query: '{ people { vault { gold } } }' },
        { access, authorize: (operation) => void (cost = operation.estimateCost()) },
      );
      return cost;
    };
    expect(estimate()).toBe(20);
    expect(estimate(createAccess())).toBe(20);
  });

  test('keep what they may access after a reload, and each other', async () => {
    const executor = createVaultExecutor();
    const prepared = prepareNow(executor, { query: '{ inside }' }, { access: createAccess() });
    const anonymous = prepareNow(executor, { query: '{ inside }' });
    await executor.reload(`${federation.supergraphSdl}\n# changed`);
    if ('errors' in prepared || 'errors' in anonymous) throw new Error('rejected');
    expect((await executor.execute(prepared, {})).data).toStrictEqual({ inside: 'i' });
    expect((await executor.execute(anonymous, {})).data).toStrictEqual({ inside: null });
    expect((await ask(executor, '{ inside }', createAccess())).data).toStrictEqual({ inside: 'i' });
    expect((await ask(executor, '{ inside }')).data).toStrictEqual({ inside: null });
  });

  test('are judged by the directives of a new supergraph', async () => {
    const executor = createVaultExecutor();
    expect((await ask(executor, '{ open inside }')).data).toStrictEqual({ open: 'o', inside: null });
    const moved = federation.supergraphSdl
      .replace(/( inside: String.*) @authenticated/, '$1')
      .replace(/( open: String.*)/, '$1 @authenticated');
    await executor.reload(moved);
    expect((await ask(executor, '{ open inside }')).data).toStrictEqual({ open: null, inside: 'i' });
  });
});

describe('policies', () => {
  const query = '{ open judged me { card } }';

  test('are evaluated by the hook, each once and only for operations that need them', async () => {
    const calls: unknown[] = [];
    const executor = createVaultExecutor({
      evaluatePolicies(policies, access) {
        calls.push([policies, access?.details]);
        return ['guest'];
      },
    });
    await ask(executor, '{ open inside }');
    expect(calls).toHaveLength(0);
    const access = { ...createAccess('', ['resident']), details: 'ana' };
    expect(await ask(executor, query, access)).toMatchObject({
      data: { open: 'o', judged: 'j', me: null },
      deniedPaths: ['me.card'],
    });
    expect(calls).toStrictEqual([[['adult', 'guest'], 'ana']]);
  });

  test('can be evaluated asynchronously', async () => {
    const executor = createVaultExecutor({ evaluatePolicies: (policies) => Promise.resolve(policies) });
    expect((await ask(executor, query)).data).toStrictEqual({ open: 'o', judged: 'j', me: { card: '11' } });
    const refuse = () => {
      throw new Error('too costly');
    };
    await expect(executor.prepare({ query }, { authorize: refuse })).rejects.toThrow('too costly');
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('reject the operation if the hook %s', async (_, evaluatePolicies) => {
    const logged: unknown[] = [];
    const executor = createVaultExecutor(
      { evaluatePolicies },
      { logger: { ...silentLogger, error: (...line: unknown[]) => void logged.push(line) } },
    );
    const { data, errors } = await ask(executor, query);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(JSON.stringify(errors)).not.toContain('broken');
    expect(logged).toHaveLength(1);
    expect(federation.requests).toHaveLength(0);
  });
});

describe('options', () => {
  const query = '{ open inside people { email } }';

  test('reject: an operation that selects too much is not executed', async () => {
    const executor = createVaultExecutor({ unauthorizedOperations: 'reject' });
    expect(await ask(executor, query)).toStrictEqual({
      errors: [['inside'], ['people', '@', 'email']].map((path) => ({
        message: 'Unauthorized field or type',
        path,
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      })),
      deniedPaths: ['inside', 'people.@.email'],
    });
    expect(federation.requests).toHaveLength(0);
    expect((await ask(executor, query, createAccess('read:email'))).errors).toBeUndefined();
    expect((await ask(executor, '{ open inside @skip(if: true) }')).data).toStrictEqual({ open: 'o' });
  });

  test('reject: the paths are left out if errors are not for clients', async () => {
    for (const errorLocation of ['extensions', 'disabled'] as const) {
      const executor = createVaultExecutor({ unauthorizedOperations: 'reject', errorLocation });
      const { errors } = await ask(executor, query);
      expect(errors).toStrictEqual([
        { message: 'Unauthorized field or type', extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
      ]);
    }
  });

  test('errorLocation: errors are in the extensions, or nowhere', async () => {
    const inExtensions = await ask(createVaultExecutor({ errorLocation: 'extensions' }), query);
    expect(inExtensions.errors).toBeUndefined();
    expect(inExtensions.extensions?.['authorizationErrors']).toMatchObject([
      { path: ['inside'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
      { path: ['people', 0, 'email'] },
      { path: ['people', 1, 'email'] },
    ]);
    const nowhere = await ask(createVaultExecutor({ errorLocation: 'disabled' }), query);
    expect(nowhere).toStrictEqual({
      data: { open: 'o', inside: null, people: [{ email: null }, { email: null }] },
      deniedPaths: [],
    });
  });

  test('dryRun: the operation is executed as it is, with the errors that it would have', async () => {
    const executor = createVaultExecutor({ dryRun: true, unauthorizedOperations: 'reject' });
    expect(await ask(executor, query)).toMatchObject({
      data: { open: 'o', inside: 'i', people: [{ email: 'ada@vault.test' }, { email: 'bob@vault.test' }] },
      deniedPaths: ['inside', 'people.@.email'],
    });
    expect((await ask(executor, query, createAccess('read:email'))).errors).toBeUndefined();
  });

  test('logErrors: the paths are logged once for each request', async () => {
    const lines: unknown[] = [];
    const logger = { ...silentLogger, warn: (...line: unknown[]) => void lines.push(line) };
    const executor = createVaultExecutor({ logErrors: true }, { logger });
    await ask(executor, `query Named ${query}`);
    await ask(executor, `query Named ${query}`, createAccess('read:email'));
    expect(lines).toStrictEqual([
      [
        { operation: 'Named', paths: [['inside'], ['people', '@', 'email']] },
        'an operation selects fields that its client may not access',
      ],
    ]);
  });
});
