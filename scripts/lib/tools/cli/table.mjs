/**
 * @typedef {object} Column
 * @property {string} title
 * @property {'left' | 'right'} [align]
 */

/**
 * A table as text, its columns as wide as they need to be.
 *
 * @param {readonly Column[]} columns
 * @param {readonly (readonly string[])[]} rows
 * @param {(text: string, row: number, column: number) => string} [paint] of a padded cell: colours have no width
 */
export function table(columns, rows, paint = (text) => text) {
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (/** @type {string} */ text, /** @type {number} */ column) => {
    const width = widths[column] ?? 0;
    return columns[column]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
  const head = columns.map(({ title }, column) => pad(title, column));
  const body = rows.map((row, at) => row.map((text, column) => paint(pad(text, column), at, column)));
  return [head, ...body].map((cells) => cells.join('  ').trimEnd()).join('\n');
}
