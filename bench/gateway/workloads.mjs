import { BLOCKS, BOOKS, READERS } from './subgraphs/data.mjs';

/** @typedef {{ query: string, variables: Record<string, unknown> }} Request */
/** @typedef {{ ours: 'below', of: string, factor: number }} Aim CPU a request of ours is at most `factor` times the peer's */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {(n: number) => Request} request the n-th; no two one after the other are alike
 * @property {number} requests a round
 * @property {readonly Aim[]} aims
 */

/** @param {string} of @param {number} factor @returns {Aim} */
const below = (of, factor) => ({ ours: 'below', of, factor });

/** @param {number} n */
const readerAt = (n) => ({ id: `r${(n * 7) % READERS}` });
/** @param {number} n */
const shelfAt = (n) => ({ from: (n * 11) % (BOOKS - 20) });
/** @param {number} n */
const blockAt = (n) => ({ block: (n * 3) % BLOCKS });

const ONE_FETCH = 'query OneFetch($id: ID!) { reader(id: $id) { id name handle } }';

const TWO_FETCHES =
  'query TwoFetches($from: Int!) { books(from: $from, first: 20) { isbn title pages inStock } }';

const REPEATED = `query Repeated($block: Int!) {
  readers(block: $block) { ...R loans { ...L book { ...B loans { ...L reader { ...R loans { ...L book { ...B } } } } } } }
  favourites(block: $block) { ...B loans { ...L reader { ...R loans { ...L book { ...B } } } } }
}
fragment R on Reader { id name handle }
fragment L on Loan { id note }
fragment B on Book { isbn title pages weight inStock postage }`;

/** Each a document of its own, over one to four fetches. */
const MIX = Array.from({ length: 200 }, (_, n) => {
  /** @param {readonly string[]} fields */
  const some = (...fields) =>
    fields.filter((_field, index) => index === 0 || (n >> index) % 2 === 0).join(' ');
  const reader = some('id', 'name', 'handle');
  const book = some('isbn', 'title', 'pages', 'inStock', 'postage');
  const texts = [
    `query Mix${n}($id: ID!) { a${n}: reader(id: $id) { ${reader} } }`,
    `query Mix${n}($id: ID!) { reader(id: $id) { ${reader} loans { id book { ${book} } } } }`,
    `query Mix${n}($from: Int!) { books(from: $from, first: ${1 + (n % 8)}) { ${book} } }`,
    `query Mix${n}($block: Int!) { favourites(block: $block) { ${book} loans { note reader { ${reader} } } } }`,
  ];
  return texts[n % texts.length] ?? '';
});

/** @param {string} query @param {number} n @returns {Request} */
function withVariables(query, n) {
  if (query.includes('$id')) return { query, variables: readerAt(n) };
  return { query, variables: query.includes('$from') ? shelfAt(n) : blockAt(n) };
}

let unseen = 0;

/** @type {readonly Workload[]} */
export const workloads = [
  {
    name: 'one fetch',
    request: (n) => ({ query: ONE_FETCH, variables: readerAt(n) }),
    requests: 3_000,
    aims: [below('stock', 1 / 6), below('hive', 1 / 10), below('mercurius', 1), below('proxy', 2)],
  },
  {
    name: 'two fetches, 20 entities',
    request: (n) => ({ query: TWO_FETCHES, variables: shelfAt(n) }),
    requests: 2_000,
    aims: [below('stock', 1 / 5), below('hive', 1 / 10), below('mercurius', 1)],
  },
  {
    name: 'the same entities many times',
    request: (n) => ({ query: REPEATED, variables: blockAt(n) }),
    requests: 300,
    aims: [below('stock', 1 / 8), below('hive', 1 / 10), below('mercurius', 1)],
  },
  {
    name: 'a mix of 200 documents',
    request: (n) => withVariables(MIX[n % MIX.length] ?? '', n),
    requests: 1_500,
    aims: [below('hive', 1 / 10), below('mercurius', 1)],
  },
  {
    name: 'a document not seen before',
    request(n) {
      unseen += 1;
      const query = `query New${unseen}($id: ID!) { r${unseen}: reader(id: $id) { id name loans { id book { inStock } } } }`;
      return { query, variables: readerAt(n) };
    },
    requests: 200,
    aims: [],
  },
];
