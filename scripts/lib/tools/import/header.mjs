import { UsageError } from '../cli/exit.mjs';
import { COLUMNS } from './columns.mjs';

/**
 * @param {readonly string[]} cells of a file's first line
 * @returns {string[]} the names of its columns
 * @throws {UsageError} that names every column that is unknown, missing or there twice
 */
export function readHeader(cells) {
  const names = cells.map((cell) => cell.trim());
  const known = Object.entries(COLUMNS);
  const optional = known.filter(([, { required }]) => !required).map(([name]) => name);
  const wrong = {
    'unknown columns': names.filter((name) => !Object.hasOwn(COLUMNS, name)).map((name) => `"${name}"`),
    'missing columns': known
      .filter(([name, { required }]) => required && !names.includes(name))
      .map(([name]) => name),
    'columns there twice': names.filter((name, index) => names.indexOf(name) < index),
  };
  const sentences = Object.entries(wrong)
    .filter(([, columns]) => columns.length > 0)
    .map(([what, columns]) => `${what}: ${columns.join(', ')}`);
  if (sentences.length === 0) return names;
  const due = known.filter(([, { required }]) => required).map(([name]) => name);
  throw new UsageError(
    `The first line has ${sentences.join('; ')}. It must have ${due.join(',')} and may have ${optional.join(', ')}.`,
  );
}
