import { books, byId, favouritesOf, loans, postage, readers, readersOf } from './data.mjs';

/** @typedef {{ caller: string | undefined }} Context */
/** @typedef {Record<string, any>} Given */

/** @type {Record<string, (args: Given, context: Context) => unknown>} */
const queries = {
  reader: ({ id }) => byId(readers, id),
  readers: ({ block }) => readersOf(block),
  caller: (_, { caller }) => caller ?? null,
  book: ({ isbn }) => byId(books, isbn),
  books: ({ from, first }) => books.slice(from, from + first),
  favourites: ({ block }) => favouritesOf(block),
  loan: ({ id }) => byId(loans, id),
  shelves: () => 12,
};

/** @param {readonly string[]} names */
const query = (...names) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      /** @param {unknown} _ @param {Given} args @param {Context} context */
      (_, args, context) => queries[name]?.(args, context),
    ]),
  );

/** The root of one schema that holds all: graphql-js calls what a field's name stands for. */
export const root = queries;

/** By the name of the subgraph. @type {Record<string, any>} */
export const resolvers = {
  readers: {
    Query: query('reader', 'readers', 'caller'),
    Reader: { __resolveReference: (/** @type {Given} */ { id }) => byId(readers, id) },
  },
  books: {
    Query: query('book', 'books', 'favourites'),
    Book: { __resolveReference: (/** @type {Given} */ { isbn }) => byId(books, isbn) },
  },
  loans: {
    Query: query('loan'),
    Loan: { __resolveReference: (/** @type {Given} */ { id }) => byId(loans, id) },
    Reader: { __resolveReference: (/** @type {Given} */ { id }) => byId(readers, id) },
    Book: { __resolveReference: (/** @type {Given} */ { isbn }) => byId(books, isbn) },
  },
  shelves: {
    Query: query('shelves'),
    Book: {
      // What is required comes with the reference, and is told by nobody else.
      __resolveReference: (/** @type {Given} */ { isbn, pages, weight }) => ({
        isbn,
        pages,
        weight,
        inStock: byId(books, isbn)?.inStock,
      }),
      postage: (/** @type {Given} */ { pages, weight }) => postage(pages, weight),
    },
  },
};
