/**
 * A spreadsheet executes a cell that begins with one of these characters (or its full-width form) as a formula. A cell that
 * is protected already must be protected again: otherwise its `'` would be removed when the cell is read. `≠` is `=` with a
 * combining stroke: a program that converts a file to Unicode NFD must not change what is protected.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^'*[=≠+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Puts a `'` before a text that a spreadsheet would execute as a formula. */
export const protectFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** Removes exactly the `'` that {@link protectFormula} adds. */
export const unprotectFormula = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
