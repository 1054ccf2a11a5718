import { BLOCK_COUNT, BOOK_COUNT, READER_COUNT } from './subgraphs/library-data.mjs';

/** @typedef {{ query: string, variables: Record<string, unknown> }} GraphQLRequest */
/** @typedef {{ peer: string, maxCpuRatio: number }} CpuTarget our CPU per request divided by that of a peer */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {(n: number) => GraphQLRequest} createRequest the n-th request; consecutive requests differ
 * @property {number} requestsPerRound
 * @property {readonly CpuTarget[]} targets
 */

/** @param {string} peer @param {number} maxCpuRatio @returns {CpuTarget} */
const target = (peer, maxCpuRatio) => ({ peer, maxCpuRatio });

/** @param {number} n */
const createReaderVariables = (n) => ({ id: `r${(n * 7) % READER_COUNT}` });
/** @param {number} n */
const createBookRangeVariables = (n) => ({ from: (n * 11) % (BOOK_COUNT - 20) });
/** @param {number} n */
const createBlockVariables = (n) => ({ block: (n * 3) % BLOCK_COUNT });

const ONE_FETCH = 'query OneFetch($id: ID!) { reader(id: $id) { id name handle } }';

const TWO_FETCHES =
  'query TwoFetches($from: Int!) { books(from: $from, first: 20) { isbn title pages inStock } }';

const BOOK_DETAILS = 'title author publisher year language genre';

const WIDE_LIST = `query WideList($from: Int!) { books(from: $from, first: 20) { ${BOOK_DETAILS} } }`;

const WIDE_ENTITIES = `query WideEntities($from: Int!) { shelf(from: $from, first: 20) { isbn ${BOOK_DETAILS} } }`;

const REPEATED = `query Repeated($block: Int!) {
  readers(block: $block) { ...R loans { ...L book { ...B loans { ...L reader { ...R loans { ...L book { ...B } } } } } } }
  favourites(block: $block) { ...B loans { ...L reader { ...R loans { ...L book { ...B } } } } }
}
fragment R on Reader { id name handle }
fragment L on Loan { id note }
fragment B on Book { isbn title pages weight inStock postage }`;

/** Different documents that need one to four fetches each. */
const MIXED_DOCUMENTS = Array.from({ length: 200 }, (_, n) => {
  /** @param {readonly string[]} fields */
  const selectSome = (...fields) =>
    fields.filter((_field, index) => index === 0 || (n >> index) % 2 === 0).join(' ');
  const reader = selectSome('id', 'name', 'handle');
  const book = selectSome('isbn', 'title', 'pages', 'inStock', 'postage');
  const documents = [
    `query Mix${n}($id: ID!) { a${n}: reader(id: $id) { ${reader} } }`,
    `query Mix${n}($id: ID!) { reader(id: $id) { ${reader} loans { id book { ${book} } } } }`,
    `query Mix${n}($from: Int!) { books(from: $from, first: ${1 + (n % 8)}) { ${book} } }`,
    `query Mix${n}($block: Int!) { favourites(block: $block) { ${book} loans { note reader { ${reader} } } } }`,
  ];
  return documents[n % documents.length] ?? '';
});

/** @param {string} query @param {number} n @returns {GraphQLRequest} */
function withVariables(query, n) {
  if (query.includes('$id')) return { query, variables: createReaderVariables(n) };
  return {
    query,
    variables: query.includes('$from') ? createBookRangeVariables(n) : createBlockVariables(n),
  };
}

let newDocumentCount = 0;

/** @type {readonly Workload[]} */
export const workloads = [
  {
    name: 'one fetch',
    createRequest: (n) => ({ query: ONE_FETCH, variables: createReaderVariables(n) }),
    requestsPerRound: 3_000,
    targets: [target('stock', 0.11), target('hive', 1 / 10), target('mercurius', 1), target('proxy', 1.3)],
  },
  {
    name: 'two fetches, 20 entities',
    createRequest: (n) => ({ query: TWO_FETCHES, variables: createBookRangeVariables(n) }),
    requestsPerRound: 2_000,
    targets: [target('stock', 0.12), target('hive', 1 / 10), target('mercurius', 1)],
  },
  {
    name: 'one fetch, 20 objects of six fields',
    createRequest: (n) => ({ query: WIDE_LIST, variables: createBookRangeVariables(n) }),
    requestsPerRound: 2_000,
    targets: [target('stock', 0.11), target('hive', 1 / 10), target('mercurius', 1)],
  },
  {
    name: 'two fetches, 20 entities of six fields',
    createRequest: (n) => ({ query: WIDE_ENTITIES, variables: createBookRangeVariables(n) }),
    requestsPerRound: 1_500,
    targets: [target('stock', 0.12), target('hive', 1 / 10), target('mercurius', 1)],
  },
  {
    name: 'the same entities many times',
    createRequest: (n) => ({ query: REPEATED, variables: createBlockVariables(n) }),
    requestsPerRound: 300,
    targets: [
      target('stock', 0.1),
      target('hive', 1 / 10),
      target('hive-rust', 0.25),
      target('mercurius', 1),
    ],
  },
  {
    name: 'a mix of 200 documents',
    createRequest: (n) => withVariables(MIXED_DOCUMENTS[n % MIXED_DOCUMENTS.length] ?? '', n),
    requestsPerRound: 1_500,
    targets: [target('stock', 0.12), target('hive', 1 / 10), target('mercurius', 1)],
  },
  {
    name: 'a document not seen before',
    createRequest(n) {
      newDocumentCount += 1;
      const query = `query New${newDocumentCount}($id: ID!) { r${newDocumentCount}: reader(id: $id) { id name loans { id book { inStock } } } }`;
      return { query, variables: createReaderVariables(n) };
    },
    requestsPerRound: 200,
    targets: [target('hive-rust', 1.1)],
  },
];
