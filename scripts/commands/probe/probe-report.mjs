import { formatMilliseconds, getPercentile } from '../../cli/latency.mjs';
import { formatTable } from '../../cli/terminal.mjs';
import { PROBE_KINDS, VALID_CREATE_RULE_PROBE_NAME } from './probe-kinds.mjs';
import { READABLE_IN_REPORTS_RESULT_NAME } from './probe-round.mjs';

/** @typedef {import('./probe-round.mjs').ProbeResult} ProbeResult */

const COLUMNS = /** @type {const} */ ([
  { title: 'kind' },
  ...['count', 'ok', 'p50', 'p99', 'max'].map((title) => ({ title, align: /** @type {const} */ ('right') })),
]);
/** The rows of the table in their order. */
const ROW_NAMES = PROBE_KINDS.flatMap(({ name }) =>
  name === VALID_CREATE_RULE_PROBE_NAME ? [name, READABLE_IN_REPORTS_RESULT_NAME] : [name],
);
const MAX_LISTED_PROBLEMS = 20;

/** @param {readonly ProbeResult[]} results */
const filterWrong = (results) => results.filter(({ problem }) => problem !== undefined);

/** @param {readonly ProbeResult[]} results @returns {string[]} the 50th, 99th and 100th percentile of the times */
function formatPercentiles(results) {
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  return [50, 99, 100].map((percent) =>
    times.length > 0 ? formatMilliseconds(getPercentile(times, percent)) : '-',
  );
}

/** Formats a table with one row per kind. @param {readonly ProbeResult[]} results */
export function formatResultTable(results) {
  const rows = ROW_NAMES.flatMap((name) => {
    const ofKind = results.filter(({ kind }) => kind === name);
    const correct = ofKind.length - filterWrong(ofKind).length;
    return ofKind.length > 0
      ? [[name, String(ofKind.length), String(correct), ...formatPercentiles(ofKind)]]
      : [];
  });
  return formatTable(COLUMNS, rows);
}

/** Lists each problem once with its count, the most frequent first. @param {readonly ProbeResult[]} results */
export function listProblems(results) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { kind, problem } of filterWrong(results)) {
    const line = `${kind}: ${problem ?? ''}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].sort(([, a], [, b]) => b - a).map(([line, count]) => `${count} x ${line}`);
  return lines.length > MAX_LISTED_PROBLEMS
    ? [...lines.slice(0, MAX_LISTED_PROBLEMS), `and ${lines.length - MAX_LISTED_PROBLEMS} more`]
    : lines;
}

/** Formats the results of a round as one line. @param {readonly ProbeResult[]} results */
export function formatRoundLine(results) {
  const responses = results.filter(({ kind }) => kind !== READABLE_IN_REPORTS_RESULT_NAME);
  const readable = results.filter(({ kind }) => kind === READABLE_IN_REPORTS_RESULT_NAME);
  const [p50 = '', p99 = ''] = formatPercentiles(responses);
  const [readableP50 = '', readableP99 = ''] = formatPercentiles(readable);
  return (
    `${responses.length} probes, ${filterWrong(results).length} wrong; answered p50 ${p50}, p99 ${p99}; ` +
    `in reports p50 ${readableP50}, p99 ${readableP99}`
  );
}
