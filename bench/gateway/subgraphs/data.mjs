// A library in blocks: whoever belongs to a block has to do with that block only, so that a query over one block comes
// to the same entities again and again, and queries over several come to others.

export const BLOCKS = 100;
const READERS_A_BLOCK = 6;
const BOOKS_A_BLOCK = 9;
const LOANS_A_BLOCK = 18;
const FAVOURITES_A_BLOCK = 4;

export const READERS = BLOCKS * READERS_A_BLOCK;
export const BOOKS = BLOCKS * BOOKS_A_BLOCK;

/** @param {number} length */
const range = (length) => Array.from({ length }, (_, index) => index);

/** @typedef {{ id: string, name: string, handle: string, loans: Loan[] }} Reader */
/** @typedef {{ isbn: string, title: string, pages: number, weight: number, inStock: boolean, loans: Loan[] }} Book */
/** @typedef {{ id: string, note: string, reader: Reader, book: Book }} Loan */

/** @type {readonly Reader[]} */
export const readers = range(READERS).map((index) => ({
  id: `r${index}`,
  name: `Reader number ${index}`,
  handle: `@reader${index}`,
  loans: [],
}));

/** @type {readonly Book[]} */
export const books = range(BOOKS).map((index) => ({
  isbn: `b${index}`,
  title: `The book that has the number ${index}`,
  pages: 80 + ((index * 37) % 900),
  weight: 100 + ((index * 53) % 1500),
  inStock: index % 3 !== 0,
  loans: [],
}));

/** @param {number} block @param {number} index @returns {Loan} */
function lend(block, index) {
  const reader = at(readers, block * READERS_A_BLOCK + (index % READERS_A_BLOCK));
  const book = at(books, block * BOOKS_A_BLOCK + (index % BOOKS_A_BLOCK));
  const loan = { id: `l${block * LOANS_A_BLOCK + index}`, note: `Lent for ${7 + index} days.`, reader, book };
  reader.loans.push(loan);
  book.loans.push(loan);
  return loan;
}

export const loans = range(BLOCKS).flatMap((block) =>
  range(LOANS_A_BLOCK).map((index) => lend(block, index)),
);

/** @param {number} block */
export const readersOf = (block) => readers.slice(block * READERS_A_BLOCK, (block + 1) * READERS_A_BLOCK);

/** @param {number} block */
export const favouritesOf = (block) =>
  books.slice(block * BOOKS_A_BLOCK, block * BOOKS_A_BLOCK + FAVOURITES_A_BLOCK);

/** @param {number} pages @param {number} weight */
export const postage = (pages, weight) => Math.ceil(weight / 10) + Math.ceil(pages / 100);

/** What the ids of a letter stand for. @template T @param {readonly T[]} list @param {string} id @returns {T | null} */
export const byId = (list, id) => list[Number(id.slice(1))] ?? null;

/** @template T @param {readonly T[]} list @param {number} index @returns {T} */
function at(list, index) {
  const found = list[index];
  if (found === undefined) throw new RangeError(`There is nothing at ${index}.`);
  return found;
}
