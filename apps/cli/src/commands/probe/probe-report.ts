import { formatMilliseconds, getPercentile } from '../../command-line/latency.js';
import { formatTable, type TableColumn } from '../../command-line/terminal.js';
import { PROBE_KINDS, VALID_CREATE_RULE_PROBE_NAME } from './probe-kinds.js';
import { READABLE_IN_REPORTS_RESULT_NAME, type ProbeResult } from './probe-round.js';

const COLUMNS: readonly TableColumn[] = [
  { title: 'kind' },
  ...['count', 'ok', 'p50', 'p99', 'max'].map((title) => ({ title, align: 'right' as const })),
];
/** The rows of the table in their order. */
const ROW_NAMES = PROBE_KINDS.flatMap(({ name }) =>
  name === VALID_CREATE_RULE_PROBE_NAME ? [name, READABLE_IN_REPORTS_RESULT_NAME] : [name],
);
const MAX_LISTED_PROBLEMS = 20;

const filterWrong = (results: readonly ProbeResult[]) =>
  results.filter(({ problem }) => problem !== undefined);

/** The 50th, 99th and 100th percentile of the times. */
function formatPercentiles(results: readonly ProbeResult[]): string[] {
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  return [50, 99, 100].map((percent) =>
    times.length > 0 ? formatMilliseconds(getPercentile(times, percent)) : '-',
  );
}

/** Formats a table with one row per kind. */
export function formatResultTable(results: readonly ProbeResult[]): string {
  const rows = ROW_NAMES.flatMap((name) => {
    const ofKind = results.filter(({ kind }) => kind === name);
    const correct = ofKind.length - filterWrong(ofKind).length;
    return ofKind.length > 0
      ? [[name, String(ofKind.length), String(correct), ...formatPercentiles(ofKind)]]
      : [];
  });
  return formatTable(COLUMNS, rows);
}

/** Lists each problem once with its count, the most frequent first. */
export function listProblems(results: readonly ProbeResult[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind, problem } of filterWrong(results)) {
    const line = `${kind}: ${problem ?? ''}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].sort(([, a], [, b]) => b - a).map(([line, count]) => `${count} x ${line}`);
  return lines.length > MAX_LISTED_PROBLEMS
    ? [...lines.slice(0, MAX_LISTED_PROBLEMS), `and ${lines.length - MAX_LISTED_PROBLEMS} more`]
    : lines;
}

/** Formats the results of a round as one line. */
export function formatRoundLine(results: readonly ProbeResult[]): string {
  const responses = results.filter(({ kind }) => kind !== READABLE_IN_REPORTS_RESULT_NAME);
  const readable = results.filter(({ kind }) => kind === READABLE_IN_REPORTS_RESULT_NAME);
  const [p50 = '', p99 = ''] = formatPercentiles(responses);
  const [readableP50 = '', readableP99 = ''] = formatPercentiles(readable);
  return (
    `${responses.length} probes, ${filterWrong(results).length} wrong; answered p50 ${p50}, p99 ${p99}; ` +
    `in reports p50 ${readableP50}, p99 ${readableP99}`
  );
}
