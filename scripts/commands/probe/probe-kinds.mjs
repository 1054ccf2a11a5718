import { URLSearchParams } from 'node:url';

/**
 * @typedef {Record<string, unknown>} RuleInput a `CreateRuleInput`
 *
 * @typedef {object} ProbeKind
 * @property {string} name
 * @property {number} weight relative frequency
 * @property {(input: RuleInput) => import('../../graphql/graphql-client.mjs').RawRequest} createRequest creates the
 *   request from a valid input
 * @property {ExpectedResponse} expected
 *
 * @typedef {object} ExpectedResponse the only correct response
 * @property {number} status of HTTP
 * @property {string} [code] of its only error; absent: a rule was created
 * @property {readonly string[]} [path] of that error
 *
 * @typedef {{ kind: ProbeKind, input: RuleInput }} Probe a request to send
 */

/** Above the gateway's limit of 1 MiB. */
const OVERSIZED_NAME_LENGTH = 1_100_000;

const CREATE_RULE_MUTATION =
  'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id name version } } }';
export const DELETE_RULE_MUTATION = 'mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }';

/** @param {string} query @param {Record<string, unknown>} [variables] */
const createPost = (query, variables = {}) => ({
  method: 'POST',
  body: JSON.stringify({ query, variables }),
});

/** Name of the kind that creates a rule. */
export const VALID_CREATE_RULE_PROBE_NAME = 'valid createRule';

/** @type {readonly [ProbeKind, ...ProbeKind[]]} */
export const PROBE_KINDS = [
  {
    name: VALID_CREATE_RULE_PROBE_NAME,
    weight: 3,
    createRequest: (input) => createPost(CREATE_RULE_MUTATION, { input }),
    expected: { status: 200 },
  },
  {
    name: 'missing field',
    weight: 1,
    createRequest: (input) => createPost(CREATE_RULE_MUTATION, { input: { ...input, name: undefined } }),
    expected: { status: 200, code: 'BAD_USER_INPUT' },
  },
  {
    name: 'half a pair of hours',
    weight: 1,
    createRequest: (input) =>
      createPost(CREATE_RULE_MUTATION, { input: { ...input, opensAt: '08:00', closesAt: null } }),
    expected: { status: 200, code: 'BAD_USER_INPUT', path: ['createRule'] },
  },
  {
    name: 'wrong type',
    weight: 1,
    createRequest: (input) =>
      createPost(CREATE_RULE_MUTATION, { input: { ...input, maxOpenSeconds: 'sixty' } }),
    expected: { status: 200, code: 'BAD_USER_INPUT' },
  },
  {
    name: 'unknown field',
    weight: 1,
    createRequest: (input) => createPost(CREATE_RULE_MUTATION.replace('id', 'id colour'), { input }),
    expected: { status: 200, code: 'GRAPHQL_VALIDATION_FAILED' },
  },
  {
    name: 'no token',
    weight: 1,
    createRequest: (input) => ({ ...createPost(CREATE_RULE_MUTATION, { input }), headers: {} }),
    expected: { status: 401, code: 'UNAUTHENTICATED' },
  },
  {
    name: 'wrong method',
    weight: 1,
    createRequest: (input) => ({
      method: 'GET',
      search: new URLSearchParams({
        query: CREATE_RULE_MUTATION,
        variables: JSON.stringify({ input }),
      }).toString(),
    }),
    expected: { status: 405, code: 'METHOD_NOT_ALLOWED' },
  },
  {
    name: 'unknown id',
    weight: 1,
    createRequest: ({ name }) => createPost(DELETE_RULE_MUTATION, { id: `none-${String(name)}` }),
    expected: { status: 200, code: 'NOT_FOUND', path: ['deleteRule'] },
  },
  {
    name: 'malformed body',
    weight: 1,
    createRequest: (input) => ({
      method: 'POST',
      body: JSON.stringify({ query: CREATE_RULE_MUTATION, variables: { input } }).slice(0, -1),
    }),
    expected: { status: 400, code: 'BAD_REQUEST' },
  },
  {
    name: 'huge body',
    weight: 1,
    createRequest: (input) =>
      createPost(CREATE_RULE_MUTATION, { input: { ...input, name: 'x'.repeat(OVERSIZED_NAME_LENGTH) } }),
    expected: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
  },
];

const TOTAL_WEIGHT = PROBE_KINDS.reduce((sum, { weight }) => sum + weight, 0);
const OPENINGS = /** @type {const} */ (['Front door', 'Back door', 'Kitchen window', 'Fridge', 'Safe']);
const TIME_ZONES = /** @type {const} */ (['America/Bogota', 'Europe/Madrid', 'Asia/Kathmandu']);
const LIMITS = /** @type {const} */ ([
  { maxOpenSeconds: 20 },
  { opensAt: '08:00', closesAt: '18:00' },
  { opensAt: '22:00', closesAt: '06:00', days: ['FRIDAY', 'SATURDAY'], maxOpenSeconds: 600 },
]);

/**
 * Creates probes of random kinds.
 *
 * @param {number} count
 * @param {{ random: SeededRandom, userId: string, firstNumber: number }} options `firstNumber` numbers the rule names:
 *   names must be unique per user
 * @returns {Probe[]}
 */
export const createProbes = (count, { random, userId, firstNumber }) =>
  Array.from({ length: count }, (_, index) => ({
    kind: pickKind(random),
    input: {
      userId,
      name: `Probe ${firstNumber + index}`,
      opening: random.pick(OPENINGS),
      timeZone: random.pick(TIME_ZONES),
      ...random.pick(LIMITS),
    },
  }));

/** @param {SeededRandom} random */
function pickKind(random) {
  let remaining = random.nextInt(TOTAL_WEIGHT);
  return PROBE_KINDS.find(({ weight }) => (remaining -= weight) < 0) ?? PROBE_KINDS[0];
}

/**
 * @typedef {object} SeededRandom
 * @property {(limit: number) => number} nextInt a whole number from 0 up to, not including, `limit`
 * @property {<T>(items: readonly T[]) => T} pick an item of a non-empty list
 */

/**
 * Creates a generator that returns the same sequence for the same seed (mulberry32).
 *
 * @param {number} seed a 32-bit whole number
 * @returns {SeededRandom}
 */
export function createSeededRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const nextInt = (/** @type {number} */ limit) => Math.floor(next() * limit);
  return { nextInt, pick: (items) => /** @type {(typeof items)[number]} */ (items[nextInt(items.length)]) };
}
