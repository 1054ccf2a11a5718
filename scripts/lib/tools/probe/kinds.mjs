import { URLSearchParams } from 'node:url';

/**
 * @typedef {Record<string, unknown>} Input for createRule
 *
 * @typedef {object} Kind of probe
 * @property {string} name
 * @property {number} weight in the mix
 * @property {(input: Input) => import('../client/http-client.mjs').Exchange} exchange made from a valid input
 * @property {Expected} expected
 *
 * @typedef {object} Expected the one right answer
 * @property {number} status of HTTP
 * @property {string} [code] of its one error; absent: the rule was created
 * @property {readonly string[]} [path] of that error; absent: it has none
 */

/** Over what the gateway takes: 1 MiB. */
const HUGE = 1_100_000;

export const CREATE =
  'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id name version } } }';
const DELETE = 'mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }';

/** @param {string} query @param {Record<string, unknown>} [variables] */
const post = (query, variables = {}) => ({ method: 'POST', body: JSON.stringify({ query, variables }) });

/** The kind whose rules reports must have. */
export const VALID = 'valid createRule';

/** @type {readonly [Kind, ...Kind[]]} */
export const KINDS = [
  {
    name: VALID,
    weight: 3,
    exchange: (input) => post(CREATE, { input }),
    expected: { status: 200 },
  },
  {
    name: 'missing field',
    weight: 1,
    exchange: (input) => post(CREATE, { input: { ...input, name: undefined } }),
    expected: { status: 200, code: 'BAD_USER_INPUT' },
  },
  {
    name: 'half a pair of hours',
    weight: 1,
    exchange: (input) => post(CREATE, { input: { ...input, opensAt: '08:00', closesAt: null } }),
    expected: { status: 200, code: 'BAD_USER_INPUT', path: ['createRule'] },
  },
  {
    name: 'wrong type',
    weight: 1,
    exchange: (input) => post(CREATE, { input: { ...input, maxOpenSeconds: 'sixty' } }),
    expected: { status: 200, code: 'BAD_USER_INPUT' },
  },
  {
    name: 'unknown field',
    weight: 1,
    exchange: (input) => post(CREATE.replace('id', 'id colour'), { input }),
    expected: { status: 200, code: 'GRAPHQL_VALIDATION_FAILED' },
  },
  {
    name: 'no token',
    weight: 1,
    exchange: (input) => ({ ...post(CREATE, { input }), headers: {} }),
    expected: { status: 401, code: 'UNAUTHENTICATED' },
  },
  {
    name: 'wrong method',
    weight: 1,
    exchange: (input) => ({
      method: 'GET',
      search: new URLSearchParams({ query: CREATE, variables: JSON.stringify({ input }) }).toString(),
    }),
    expected: { status: 405, code: 'METHOD_NOT_ALLOWED' },
  },
  {
    name: 'unknown id',
    weight: 1,
    exchange: ({ name }) => post(DELETE, { id: `none-${String(name)}` }),
    expected: { status: 200, code: 'NOT_FOUND', path: ['deleteRule'] },
  },
  {
    name: 'malformed body',
    weight: 1,
    exchange: (input) => ({
      method: 'POST',
      body: JSON.stringify({ query: CREATE, variables: { input } }).slice(0, -1),
    }),
    expected: { status: 400, code: 'BAD_REQUEST' },
  },
  {
    name: 'huge body',
    weight: 1,
    exchange: (input) => post(CREATE, { input: { ...input, name: 'x'.repeat(HUGE) } }),
    expected: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
  },
];
