import { formatMilliseconds, getPercentile } from '../../command-line/latency.js';
import { formatTable, type TableColumn } from '../../command-line/terminal.js';
import { REQUEST_KINDS, type RequestKind } from './request-schedule.js';

/** The outcome of one request of a load. Times are in milliseconds since the start of the load. */
export interface LoadResult {
  readonly kind: RequestKind;
  /** When the request was due. Latency counts from here, so that time in which it could not be sent is part of it. */
  readonly dueMs: number;
  /** When the client began to send it. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** The code of the first error: of GraphQL, of the connection, or `HTTP_<status>`. */
  readonly errorCode: string | undefined;
}

/** Figures of the requests of one kind, or of all. Latencies are in milliseconds, and null if no request succeeded. */
export interface LoadFigures {
  readonly requests: number;
  readonly succeeded: number;
  /** Successful responses per second, from the first due instant to the last response. */
  readonly achievedRate: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

export interface LoadSummary {
  readonly all: LoadFigures;
  readonly kinds: Readonly<Partial<Record<RequestKind, LoadFigures>>>;
  /** How often each error code occurred, by kind. */
  readonly errors: readonly { readonly kind: RequestKind; readonly code: string; readonly count: number }[];
  /** The longest time by which the command itself began a request too late, in milliseconds. */
  readonly maxStartDelayMs: number;
}

/**
 * Summarizes a load. Latency is the time from the instant at which a request was due to its response: a server that stops
 * answering delays the requests after it, and these delays count (they would not if each client waited for its response
 * before it sent the next request, which is known as coordinated omission).
 */
export function summarizeLoad(results: readonly LoadResult[]): LoadSummary {
  const endedMs = results.reduce((latest, result) => Math.max(latest, result.endedMs), 0);
  const errors = new Map<string, { kind: RequestKind; code: string; count: number }>();
  for (const { kind, errorCode: code } of results) {
    if (code === undefined) continue;
    const key = `${kind} ${code}`;
    const error = errors.get(key) ?? { kind, code, count: 0 };
    error.count += 1;
    errors.set(key, error);
  }
  const kinds = REQUEST_KINDS.flatMap((kind) => {
    const ofKind = results.filter((result) => result.kind === kind);
    return ofKind.length > 0 ? [[kind, calculateFigures(ofKind, endedMs)] as const] : [];
  });
  return {
    all: calculateFigures(results, endedMs),
    kinds: Object.fromEntries(kinds),
    errors: [...errors.values()].sort((a, b) => b.count - a.count),
    maxStartDelayMs: results.reduce(
      (longest, { dueMs, startedMs }) => Math.max(longest, startedMs - dueMs),
      0,
    ),
  };
}

function calculateFigures(results: readonly LoadResult[], endedMs: number): LoadFigures {
  const latencies = results
    .filter(({ errorCode }) => errorCode === undefined)
    .map(({ dueMs, endedMs: end }) => end - dueMs)
    .sort((a, b) => a - b);
  const findPercentile = (percent: number) =>
    latencies.length > 0 ? getPercentile(latencies, percent) : null;
  return {
    requests: results.length,
    succeeded: latencies.length,
    achievedRate: endedMs > 0 ? (latencies.length * 1_000) / endedMs : 0,
    p50: findPercentile(50),
    p90: findPercentile(90),
    p99: findPercentile(99),
    p999: findPercentile(99.9),
    max: findPercentile(100),
  };
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'kind' },
  ...['requests', 'ok', 'ok/s', 'p50', 'p90', 'p99', 'p99.9', 'max'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];
/** A longer delay of the command itself means that the client, not the server, limits the load. */
const MAX_START_DELAY_MS = 100;

/** Formats a table with one row per kind and one for all requests, and the errors by code. */
export function formatLoadSummary({ all, kinds, errors, maxStartDelayMs }: LoadSummary): string {
  const rows = REQUEST_KINDS.flatMap((kind) => {
    const figures = kinds[kind];
    return figures ? [formatFigures(kind, figures)] : [];
  });
  const lines = [formatTable(COLUMNS, [...rows, formatFigures('all', all)])];
  if (errors.length > 0) {
    lines.push('Errors:', ...errors.map(({ kind, code, count }) => `  ${count} x ${kind}: ${code}`));
  }
  if (maxStartDelayMs > MAX_START_DELAY_MS) {
    lines.push(
      `The command itself began requests up to ${formatMilliseconds(maxStartDelayMs)} late: the latencies include this. ` +
        'Use a faster machine or a lower rate.',
    );
  }
  return lines.join('\n');
}

function formatFigures(
  name: string,
  { requests, succeeded, achievedRate, p50, p90, p99, p999, max }: LoadFigures,
): string[] {
  const latencies = [p50, p90, p99, p999, max].map((ms) => (ms === null ? '-' : formatMilliseconds(ms)));
  return [name, String(requests), String(succeeded), achievedRate.toFixed(1), ...latencies];
}
