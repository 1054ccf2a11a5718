import {
  books,
  computePostage,
  findById,
  getFavouritesOfBlock,
  getReadersOfBlock,
  loans,
  readers,
} from './library-data.mjs';

/** @typedef {{ caller: string | undefined }} Context */
/** @typedef {Record<string, any>} AnyFields */

/** @type {Record<string, (args: AnyFields, context: Context) => unknown>} */
const queries = {
  reader: ({ id }) => findById(readers, id),
  readers: ({ block }) => getReadersOfBlock(block),
  caller: (_, { caller }) => caller ?? null,
  book: ({ isbn }) => findById(books, isbn),
  books: ({ from, first }) => books.slice(from, from + first),
  favourites: ({ block }) => getFavouritesOfBlock(block),
  loan: ({ id }) => findById(loans, id),
  shelves: () => 12,
  shelf: ({ from, first }) => books.slice(from, from + first),
};

/** @param {readonly string[]} names */
const createQueryResolvers = (...names) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      /** @param {unknown} _ @param {AnyFields} args @param {Context} context */
      (_, args, context) => queries[name]?.(args, context),
    ]),
  );

/** The root value of one schema with all fields, for graphql-js. */
export const rootResolvers = queries;

/** Resolvers by subgraph name. @type {Record<string, any>} */
export const resolvers = {
  readers: {
    Query: createQueryResolvers('reader', 'readers', 'caller'),
    Reader: { __resolveReference: (/** @type {AnyFields} */ { id }) => findById(readers, id) },
  },
  books: {
    Query: createQueryResolvers('book', 'books', 'favourites'),
    Book: { __resolveReference: (/** @type {AnyFields} */ { isbn }) => findById(books, isbn) },
  },
  loans: {
    Query: createQueryResolvers('loan'),
    Loan: { __resolveReference: (/** @type {AnyFields} */ { id }) => findById(loans, id) },
    Reader: { __resolveReference: (/** @type {AnyFields} */ { id }) => findById(readers, id) },
    Book: { __resolveReference: (/** @type {AnyFields} */ { isbn }) => findById(books, isbn) },
  },
  shelves: {
    Query: createQueryResolvers('shelves', 'shelf'),
    Book: {
      // The representation contains the fields that `postage` requires. This subgraph has no other source for them.
      __resolveReference: (/** @type {AnyFields} */ { isbn, pages, weight }) => ({
        isbn,
        pages,
        weight,
        inStock: findById(books, isbn)?.inStock,
      }),
      postage: (/** @type {AnyFields} */ { pages, weight }) => computePostage(pages, weight),
    },
  },
};
