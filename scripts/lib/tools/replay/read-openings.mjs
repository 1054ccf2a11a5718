import { createHash } from 'node:crypto';
import { UsageError } from '../cli/exit.mjs';
import { decode } from '../csv/decode.mjs';
import { readCsv } from '../csv/read-csv.mjs';
import { toInstant } from './wall-clock.mjs';

/**
 * @typedef {{ id: string, opening: string, state: 'OPEN' | 'CLOSED', at: string }} Reading for recordReadings
 *
 * @typedef {Reading & { dueAt: string }} Due `dueAt`: when both of a row are known. They are sent together, or what was open
 *   years ago would count as open until its closing is sent
 */

const REQUIRED = ['opening', 'opened_at', 'closed_at'];
const KNOWN = [...REQUIRED, 'place'];
const MAX_FAULTS = 20;

/**
 * The readings of a file with an opening and a closing in each row. The ids are made of what a reading says, so that the
 * same file sent again brings duplicates and nothing else.
 *
 * @param {Uint8Array} bytes
 * @param {string} timeZone of the times without an offset
 * @returns {Due[]} in the order in which they are due
 * @throws {UsageError} that names every row that cannot be read
 */
export function readOpenings(bytes, timeZone) {
  const { header, records } = readCsv(decode(bytes));
  const names = header.cells.map((cell) => cell.trim());
  checkHeader(names);
  /** @type {string[]} */
  const faults = [];
  const readings = records.flatMap(({ line, cells }) => {
    const cell = (/** @type {string} */ name) => (cells[names.indexOf(name)] ?? '').trim();
    const opening = cell('opening');
    if (opening === '') faults.push(`line ${line}, opening: it is empty.`);
    const read = (/** @type {string} */ name) => {
      const instant = toInstant(cell(name), timeZone);
      if (instant === undefined) {
        faults.push(
          `line ${line}, ${name}: it must be a time like 2026-01-31T08:00:00 (it is "${cell(name)}").`,
        );
      }
      return instant;
    };
    const opened = read('opened_at');
    const closed = cell('closed_at') === '' ? undefined : read('closed_at');
    if (opened !== undefined && closed !== undefined && closed < opened) {
      faults.push(`line ${line}, closed_at: it lies before opened_at.`);
    }
    const dueAt = closed ?? opened ?? '';
    return [
      ...(opened === undefined ? [] : [{ ...reading(opening, 'OPEN', opened), dueAt }]),
      ...(closed === undefined ? [] : [{ ...reading(opening, 'CLOSED', closed), dueAt }]),
    ];
  });
  if (faults.length > 0) {
    const more = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more.`] : [];
    throw new UsageError([...faults.slice(0, MAX_FAULTS), ...more].join('\n'));
  }
  return readings.sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));
}

/** @param {readonly string[]} names */
function checkHeader(names) {
  const missing = REQUIRED.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !KNOWN.includes(name));
  const sentences = [
    ...(missing.length > 0 ? [`missing columns: ${missing.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`unknown columns: ${unknown.map((name) => `"${name}"`).join(', ')}`] : []),
  ];
  if (sentences.length === 0) return;
  throw new UsageError(
    `The first line has ${sentences.join('; ')}. It must have ${REQUIRED.join(',')} and may have place.`,
  );
}

/** @param {string} opening @param {Reading['state']} state @param {string} at @returns {Reading} */
const reading = (opening, state, at) => ({
  id: createHash('sha256').update(`${opening}\n${state}\n${at}`).digest('base64url'),
  opening,
  state,
  at,
});
