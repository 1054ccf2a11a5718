// A library in blocks. Readers, books and loans only refer to their own block, so a query over one block returns the same
// entities many times, and queries over different blocks return different entities.

export const BLOCK_COUNT = 100;
const READERS_PER_BLOCK = 6;
const BOOKS_PER_BLOCK = 9;
const LOANS_PER_BLOCK = 18;
const FAVOURITES_PER_BLOCK = 4;

export const READER_COUNT = BLOCK_COUNT * READERS_PER_BLOCK;
export const BOOK_COUNT = BLOCK_COUNT * BOOKS_PER_BLOCK;

/** @param {number} length */
const range = (length) => Array.from({ length }, (_, index) => index);

/** @typedef {{ id: string, name: string, handle: string, loans: Loan[] }} Reader */
/** @typedef {{ author: string, publisher: string, year: number, language: string, genre: string }} BookDetails */
/** @typedef {BookDetails & { isbn: string, title: string, pages: number, weight: number, inStock: boolean, loans: Loan[] }} Book */
/** @typedef {{ id: string, note: string, reader: Reader, book: Book }} Loan */

/** @type {readonly Reader[]} */
export const readers = range(READER_COUNT).map((index) => ({
  id: `r${index}`,
  name: `Reader number ${index}`,
  handle: `@reader${index}`,
  loans: [],
}));

/** @type {readonly Book[]} */
export const books = range(BOOK_COUNT).map((index) => ({
  isbn: `b${index}`,
  title: `Book number ${index}`,
  pages: 80 + ((index * 37) % 900),
  weight: 100 + ((index * 53) % 1500),
  inStock: index % 3 !== 0,
  author: `Author number ${index % 300}`,
  publisher: `Publisher number ${index % 40}`,
  year: 1900 + (index % 120),
  language: ['Spanish', 'English', 'Portuguese'][index % 3] ?? '',
  genre: ['Novel', 'Poetry', 'History', 'Travel'][index % 4] ?? '',
  loans: [],
}));

/** @param {number} block @param {number} index @returns {Loan} */
function createLoan(block, index) {
  const reader = getAt(readers, block * READERS_PER_BLOCK + (index % READERS_PER_BLOCK));
  const book = getAt(books, block * BOOKS_PER_BLOCK + (index % BOOKS_PER_BLOCK));
  const loan = {
    id: `l${block * LOANS_PER_BLOCK + index}`,
    note: `Lent for ${7 + index} days.`,
    reader,
    book,
  };
  reader.loans.push(loan);
  book.loans.push(loan);
  return loan;
}

export const loans = range(BLOCK_COUNT).flatMap((block) =>
  range(LOANS_PER_BLOCK).map((index) => createLoan(block, index)),
);

/** @param {number} block */
export const getReadersOfBlock = (block) =>
  readers.slice(block * READERS_PER_BLOCK, (block + 1) * READERS_PER_BLOCK);

/** @param {number} block */
export const getFavouritesOfBlock = (block) =>
  books.slice(block * BOOKS_PER_BLOCK, block * BOOKS_PER_BLOCK + FAVOURITES_PER_BLOCK);

/** @param {number} pages @param {number} weight */
export const computePostage = (pages, weight) => Math.ceil(weight / 10) + Math.ceil(pages / 100);

/** Finds an entity by its id: one letter and its index. @template T @param {readonly T[]} list @param {string} id @returns {T | null} */
export const findById = (list, id) => list[Number(id.slice(1))] ?? null;

/** @template T @param {readonly T[]} list @param {number} index @returns {T} */
function getAt(list, index) {
  const found = list[index];
  if (found === undefined) throw new RangeError(`There is no entry with index ${index}.`);
  return found;
}
