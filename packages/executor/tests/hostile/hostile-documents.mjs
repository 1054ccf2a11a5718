// Documents that try to keep a gateway busy, for tests and for bench/hostile-documents.mjs. They are for the supergraph of this
// product, unless they say otherwise. Most are as large as the gateway's limits allow.
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

/**
 * @typedef {object} HostileDocument
 * @property {string} name what is hostile about it
 * @property {string} query
 * @property {string} [operationName]
 * @property {Record<string, unknown>} [variables]
 */

/** @param {number} count @param {(index: number) => string} create */
const repeat = (count, create) => Array.from({ length: count }, (_, index) => create(index)).join(' ');

const RULE_FIELDS = 'id name opening opensAt closesAt days timeZone maxOpenSeconds severity enabled version';

/** A field that selects a deep path, `levels` times `user { rules { nodes { … } } }`. @param {number} levels */
const nestRules = (levels) =>
  `rules { nodes { user { ${'rules { nodes { user { '.repeat(levels)} id ${'} } } '.repeat(levels)} } } }`;

/** Each fragment spreads the next one several times, so that the expanded operation is exponential. @param {number} depth */
const doublingFragments = (depth) =>
  `{ viewer { ...F0 } } ${repeat(depth, (n) =>
    n + 1 < depth
      ? `fragment F${n} on User { ...F${n + 1} ... on User { ...F${n + 1} } }`
      : `fragment F${n} on User { id }`,
  )}`;

/** @type {readonly HostileDocument[]} */
export const hostileDocuments = [
  { name: 'one field, 9,990 times', query: `{ ${'a '.repeat(9_990)} }` },
  { name: 'one valid field, 4,900 times', query: `{ viewer { ${'id '.repeat(4_900)} } }` },
  { name: 'one object, 1,600 times', query: `{ ${'viewer { id } '.repeat(1_600)} }` },
  {
    name: 'one nested object, 300 times',
    query: `{ viewer { ${'rules { nodes { user { id } } } '.repeat(300)} } }`,
  },
  {
    name: 'one nested object, 110 times',
    query: `{ viewer { ${'rules { nodes { user { id } } } '.repeat(110)} } }`,
  },
  { name: 'one valid field, 440 times', query: `{ viewer { ${'id '.repeat(440)} } }` },
  {
    name: '220 fragments in one selection set',
    query: `{ viewer { ${repeat(220, (n) => `...F${n}`)} } } ${repeat(220, (n) => `fragment F${n} on User { id }`)}`,
  },
  {
    name: '100 inline fragments',
    query: `{ viewer { ${repeat(100, () => '... on User { rules { nodes { id user { id } } } }')} } }`,
  },
  {
    name: 'one object with a long argument, 20 times',
    query: `{ ${`rules(filter: { search: "${'x'.repeat(10_000)}" }) { totalCount } `.repeat(20)} }`,
  },
  {
    name: 'one object with a long argument, 9 times',
    query: `{ ${`rules(filter: { search: "${'x'.repeat(10_000)}" }) { totalCount } `.repeat(9)} }`,
  },
  {
    name: 'one object with a large argument, 20 times',
    query: `{ ${`simulateRule(rule: { opening: "a", days: [${'MONDAY '.repeat(400)}] }, from: "a", to: "b") { intervals } `.repeat(20)} }`,
  },
  {
    name: '330 aliased mutations',
    query: `mutation { ${repeat(330, (n) => `m${n}: deleteRule(input: { id: "${n}" }) { rule { ${RULE_FIELDS} user { id } } }`)} }`,
  },
  {
    name: '20 mutations of all fields',
    query: `mutation { ${repeat(20, (n) => `m${n}: deleteRule(input: { id: "${n}" }) { rule { ${RULE_FIELDS} lastAlarm { id rule { ${RULE_FIELDS} } } user { id rules { nodes { ${RULE_FIELDS} } } } } }`)} }`,
  },
  {
    name: '20 aliased queries with deep paths',
    query: `{ ${repeat(20, (n) => `q${n}: user(id: "${n}") { ${nestRules(3)} }`)} }`,
  },
  { name: 'depth 15', query: `{ viewer { ${nestRules(4)} } }` },
  { name: 'depth 240', query: `{ viewer { ${nestRules(75)} } }` },
  { name: 'doubling fragments', query: doublingFragments(40) },
  { name: 'doubling fragments within the limits', query: doublingFragments(9) },
  {
    name: 'doubling fragments in another operation',
    query: `query A { viewer { id } } query B ${doublingFragments(14)}`,
    operationName: 'A',
  },
  {
    name: '1,400 fragments in one selection set',
    query:
      `{ viewer { ${repeat(1_400, (n) => `...F${n}`)} } } ${repeat(1_400, (n) => `fragment F${n} on User { id }`)}`.slice(
        0,
        250_000,
      ),
  },
  {
    name: '700 fragments in one selection set',
    query: `{ viewer { ${repeat(700, (n) => `...F${n}`)} } } ${repeat(700, (n) => `fragment F${n} on User { id }`)}`,
  },
  {
    name: '700 unused fragments that spread each other',
    query: `{ viewer { id } } ${repeat(700, (n) => `fragment F${n} on User { id ...F${n + 1} }`)}`,
  },
  {
    name: 'fragments in a cycle',
    query: `{ viewer { ...F0 } } ${repeat(600, (n) => `fragment F${n} on User { rules { nodes { user { ...F${(n + 1) % 600} } } } }`)}`,
  },
  {
    name: '300 inline fragments',
    query: `{ viewer { ${repeat(300, () => '... on User { rules { nodes { id user { id } } } }')} } }`,
  },
  {
    name: '1,500 variables',
    query: `query (${repeat(1_500, (n) => `$v${n}: ID`)}) { viewer { id } }`,
    variables: Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`v${n}`, 'x'])),
  },
  {
    name: '1,000 variables with a long operation name',
    query: `query ${'N'.repeat(200_000)}(${repeat(1_000, (n) => `$v${n}: ID`)}) { viewer { id } }`,
  },
  {
    name: '20 operations with one large fragment',
    operationName: 'Q0',
    query: `${repeat(20, (n) => `query Q${n}(${repeat(10, (v) => `$v${v}: ID`)}) { ...F }`)} fragment F on Query { ${repeat(28, (n) => `a${n}: rule(id: $v${n % 10}) { id }`)} }`,
  },
  {
    name: '9,000 enum values',
    query: `{ viewer { rules { nodes { alarmCount(status: [${'ACTIVE '.repeat(9_000)}]) } } } }`,
  },
  {
    name: '9,000 unknown enum values',
    query: `{ viewer { rules { nodes { alarmCount(status: [${repeat(9_000, (n) => `ACTIV${n}`)}]) } } } }`,
  },
  {
    name: '48,000 enum values in a variable',
    query: 'query ($status: [AlarmStatus!]) { viewer { rules { nodes { alarmCount(status: $status) } } } }',
    variables: { status: Array.from({ length: 48_000 }, () => 'ACTIVE') },
  },
  {
    name: '9,000 input objects in a variable',
    query: 'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }',
    variables: {
      input: {
        readings: Array.from({ length: 9_000 }, () => ({ id: 1, opening: '', state: 'A', at: 'now' })),
      },
    },
  },
  {
    name: '1,200 input objects',
    query: `mutation { recordReadings(input: { readings: [${'{ id: "1", opening: "a", at: "b" } '.repeat(900)}] }) { accepted } }`,
  },
  { name: '3,000 unknown fields', query: `{ viewer { ${repeat(3_000, (n) => `unknown${n}`)} } }` },
  { name: 'one unknown field of 200 kB', query: `{ ${'u'.repeat(200_000)} }` },
  { name: '3,300 directives', query: `{ viewer { id ${'@include(if: true) '.repeat(1_600)} } }` },
  { name: '250 kB of comments', query: `{ viewer { id } } ${'#\n'.repeat(125_000)}` },
  {
    name: 'the introspection query, 5 times',
    query: `{ ${repeat(5, (n) => `s${n}: __schema { types { fields { type { fields { type { fields { name } } } } } } }`)} }`,
  },
];

/** Number of subgraphs that all resolve the same fields. */
const SHARED_SUBGRAPHS = 12;

/** A supergraph whose subgraphs share keys and fields, so that there are many ways to fetch each field. */
export function composeSharedSupergraph() {
  const { supergraphSdl, errors } = composeServices(
    Array.from({ length: SHARED_SUBGRAPHS }, (_, n) => ({
      name: `s${n}`,
      url: `http://127.0.0.1:1/${n}`,
      typeDefs: parse(`
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
        type Query { thing: Thing @shareable things: [Thing] @shareable }
        type Thing @key(fields: "id") @key(fields: "code") {
          id: ID! code: ID! @shareable a: Int @shareable b: Int @shareable next: Thing @shareable
          own${n}: Int part: Part @shareable
        }
        type Part @key(fields: "id") { id: ID! x: Int @shareable thing: Thing @shareable own${n}: Int }
      `),
    })),
  );
  if (supergraphSdl === undefined) throw new AggregateError(errors);
  return supergraphSdl;
}

const OWN_FIELDS = repeat(SHARED_SUBGRAPHS, (n) => `own${n}`);

/** Documents for {@link composeSharedSupergraph}. @type {readonly HostileDocument[]} */
export const sharedSupergraphDocuments = [
  {
    name: 'shared fields: 1.1 kB',
    query: `{ thing { ${OWN_FIELDS} next { ${OWN_FIELDS} next { ${OWN_FIELDS} part { ${OWN_FIELDS} thing { ${OWN_FIELDS} next { ${OWN_FIELDS} part { ${OWN_FIELDS} thing { ${OWN_FIELDS} } } } } } } } } }`,
  },
  {
    name: 'shared fields: 20 root fields',
    query: `{ ${repeat(20, (n) => `t${n}: thing { next { next { part { thing { next { ${OWN_FIELDS} } } } } } }`)} }`,
  },
  {
    name: 'shared fields: depth 15',
    query: `{ thing { ${'next { a b part { x thing { '.repeat(4)} ${OWN_FIELDS} ${'} } } '.repeat(4)} } }`,
  },
];
