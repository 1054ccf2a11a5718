import { formatMs } from '../cli/duration.mjs';
import { percentile } from '../cli/percentile.mjs';
import { table } from '../cli/table.mjs';
import { KINDS, VALID } from './kinds.mjs';
import { READABLE } from './round.mjs';

/** @typedef {import('./round.mjs').Result} Result */

const COLUMNS = /** @type {const} */ ([
  { title: 'kind' },
  ...['count', 'ok', 'p50', 'p99', 'max'].map((title) => ({ title, align: /** @type {const} */ ('right') })),
]);
/** In the order of a table. */
const NAMES = KINDS.flatMap(({ name }) => (name === VALID ? [name, READABLE] : [name]));
/** A person reads so many. */
const MAX_TOLD = 20;

/** @param {readonly Result[]} results */
const wrongOf = (results) => results.filter(({ wrong }) => wrong !== undefined);

/** How many of what, for a line. @param {readonly Result[]} results */
export function timesOf(results) {
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  return /** @type {const} */ ([50, 99, 100]).map((p) =>
    times.length > 0 ? formatMs(percentile(times, p)) : '-',
  );
}

/** @param {readonly Result[]} results */
export function resultTable(results) {
  const rows = NAMES.flatMap((name) => {
    const of = results.filter(({ kind }) => kind === name);
    return of.length > 0 ? [[name, `${of.length}`, `${of.length - wrongOf(of).length}`, ...timesOf(of)]] : [];
  });
  return table(COLUMNS, rows);
}

/** What was wrong, each once with how often, the most frequent first. @param {readonly Result[]} results */
export function wrongLines(results) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { kind, wrong } of wrongOf(results)) {
    const line = `${kind}: ${wrong ?? ''}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].sort(([, a], [, b]) => b - a).map(([line, count]) => `${count} x ${line}`);
  return lines.length > MAX_TOLD
    ? [...lines.slice(0, MAX_TOLD), `and ${lines.length - MAX_TOLD} more`]
    : lines;
}

/** @param {readonly Result[]} results */
export function roundLine(results) {
  const of = (/** @type {boolean} */ readable) =>
    results.filter(({ kind }) => (kind === READABLE) === readable);
  const [p50 = '', p99 = ''] = timesOf(of(false));
  const [r50 = '', r99 = ''] = timesOf(of(true));
  return (
    `${of(false).length} probes, ${wrongOf(results).length} wrong; answered p50 ${p50}, p99 ${p99}; ` +
    `in reports p50 ${r50}, p99 ${r99}`
  );
}
