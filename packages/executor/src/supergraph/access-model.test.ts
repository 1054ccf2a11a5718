import { expect, test } from 'vitest';
import { createExecutor } from '../executor.js';
import { silentLogger } from '../testing/test-executor.js';
import { createVaultFederation } from '../testing/vault-federation.js';
import { readAccessModel } from './access-model.js';
import { parseSupergraph } from './supergraph-document.js';

const GRAPH = 'enum join__Graph { A @join__graph(name: "a", url: "http://a.test") }';
const read = (links: string, types: string) =>
  readAccessModel(parseSupergraph(`schema ${links} { query: Query } ${GRAPH} ${types}`));
const listKeys = (links: string, types: string) =>
  Object.fromEntries(
    [...(read(links, types)?.fieldRequirements ?? [])].map(([coordinate, requirements]) => [
      coordinate,
      requirements.map(({ key }) => key),
    ]),
  );

const AUTHENTICATED = 'url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY';
const SCOPES = 'url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY';
const POLICY = 'url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY';

test('a supergraph without authorization directives has no model', () => {
  expect(read('', 'type Query { a: Int @deprecated }')).toBeUndefined();
});

test('the model has the requirements of composed types and fields', () => {
  const model = readAccessModel(parseSupergraph(createVaultFederation().supergraphSdl));
  expect(model?.fieldRequirements.get('Query.inside')).toMatchObject([{ kind: 'authenticated' }]);
  expect(model?.fieldRequirements.get('Query.scoped')).toMatchObject([
    { kind: 'scopes', anyOf: [['read:a', 'read:b'], ['admin']] },
  ]);
  expect(model?.fieldRequirements.get('Query.doubled')).toMatchObject([
    { kind: 'authenticated' },
    { kind: 'scopes' },
  ]);
  expect(model?.typeRequirements.get('Coin')).toMatchObject([{ kind: 'authenticated' }]);
  expect(model?.typeRequirements.get('Rank')).toMatchObject([{ kind: 'scopes', anyOf: [['read:rank']] }]);
});

test.each([
  ['its own name', '', '@authenticated', '@requiresScopes', '@policy'],
  ['an alias of the link', ', as: "s"', '@s', '@s', '@s'],
  [
    'an alias of the import',
    ', import: [{ name: "@authenticated", as: "@x" }, { name: "@requiresScopes", as: "@x" }, { name: "@policy", as: "@x" }]',
    '@x',
    '@x',
    '@x',
  ],
  [
    'an import under its own name, of a link with an alias',
    ', as: "s", import: ["@authenticated", "@requiresScopes", "@policy"]',
    '@authenticated',
    '@requiresScopes',
    '@policy',
  ],
])('a directive is found by %s', (_, extra, authenticated, scopes, policy) => {
  expect(listKeys(`@link(${AUTHENTICATED}${extra})`, `type Query { a: Int ${authenticated} }`)).toStrictEqual(
    {
      'Query.a': ['authenticated'],
    },
  );
  expect(
    listKeys(`@link(${SCOPES}${extra})`, `type Query { a: Int ${scopes}(scopes: [["b", "a"], ["c"]]) }`),
  ).toStrictEqual({ 'Query.a': ['scopes [["a","b"],["c"]]'] });
  expect(
    listKeys(`@link(${POLICY}${extra})`, `type Query { a: Int ${policy}(policies: [["p"]]) }`),
  ).toStrictEqual({ 'Query.a': ['policies [["p"]]'] });
});

test('a directive without a link is enforced, unless another specification has its name', () => {
  expect(listKeys('', 'type Query { a: Int @authenticated }')).toStrictEqual({
    'Query.a': ['authenticated'],
  });
  const policy = 'type Query { a: Int @policy(name: "mine") }';
  expect(listKeys('@link(url: "https://my.test/policy/v1.0")', policy)).toStrictEqual({});
  expect(listKeys('@link(url: "https://my.test/rules/v1.0", import: ["@policy"])', policy)).toStrictEqual({});
  expect(() => listKeys('', policy)).toThrow('The argument "policies" of @policy on Query.a must be');
});

test('lists that demand nothing are no requirement', () => {
  const scopes = (lists: string) => `type Query { a: Int @requiresScopes(scopes: ${lists}) }`;
  for (const lists of ['[]', '[[]]', '[["a"], []]']) {
    expect(read(`@link(${SCOPES})`, scopes(lists))).toBeUndefined();
  }
});

test.each([
  ['an unknown feature', 'https://my.test/secrets/v0.1'],
  ['an unknown version', 'https://specs.apollo.dev/authenticated/v9.0'],
])('%s for: SECURITY is refused when the supergraph is loaded', (_, url) => {
  const sdl = createVaultFederation().supergraphSdl.replace(
    '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
    `@link(url: "${url}", for: SECURITY)`,
  );
  const create = () =>
    createExecutor({
      supergraphSdl: sdl,
      createDataSource: () => ({ fetch: () => Promise.reject(new Error('no subgraph')) }),
      logger: silentLogger,
      planWorkers: 0,
    });
  expect(create).toThrow(url);
});
