import type { HealthStatus } from '../../api/generated';
import { getWorseStatus, isProblem } from './health-statuses';

/** A change of a service's status. */
export interface StatusChange {
  readonly from: HealthStatus;
  readonly to: HealthStatus;
  /** An instant in RFC 3339. */
  readonly at: string;
  readonly reason: string;
}

/** An equal part of the shown period. */
export interface HistoryBar {
  /** In milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  /** The worst status in it. Undefined: nothing is known. */
  readonly status: HealthStatus | undefined;
}

interface HistoryPeriod {
  /** The end, in milliseconds since 1970. */
  readonly until: number;
  readonly barMs: number;
  readonly count: number;
}

/** Divides a period into bars. @param changes newest first */
export function createHistoryBars(
  changes: readonly StatusChange[],
  { until, barMs, count }: HistoryPeriod,
): readonly HistoryBar[] {
  const spans = listSpans(changes, until);
  return Array.from({ length: count }, (_, index) => {
    const barFrom = until - (count - index) * barMs;
    const barUntil = barFrom + barMs;
    const statuses = spans
      .filter((span) => span.from < barUntil && span.until > barFrom)
      .map(({ status }) => status);
    return {
      from: barFrom,
      until: barUntil,
      status: statuses.length > 0 ? statuses.reduce(getWorseStatus) : undefined,
    };
  });
}

interface StatusSpan {
  readonly from: number;
  readonly until: number;
  readonly status: HealthStatus;
}

const listSpans = (changes: readonly StatusChange[], until: number): readonly StatusSpan[] =>
  changes.map(({ at, to }, index) => {
    const next = changes[index - 1];
    return { from: Date.parse(at), until: next ? Date.parse(next.at) : until, status: to };
  });

/** A time in which a service had problems. */
export interface Incident {
  readonly service: string;
  /** Instants in RFC 3339; `until` is undefined while it lasts. */
  readonly from: string;
  readonly until: string | undefined;
  readonly worst: HealthStatus;
  /** Why the worst status began. */
  readonly reason: string;
}

/** Lists the incidents of a service, newest first. @param changes newest first */
export function listIncidents(service: string, changes: readonly StatusChange[]): readonly Incident[] {
  const incidents: Incident[] = [];
  let open: Incident | undefined;
  for (const { to, at, reason } of changes.toReversed()) {
    if (isProblem(to)) {
      open ??= { service, from: at, until: undefined, worst: to, reason };
      if (getWorseStatus(open.worst, to) !== open.worst) open = { ...open, worst: to, reason };
    } else if (open && to !== 'UNKNOWN') {
      // A monitor that has just started does not know yet whether the incident lasts.
      incidents.push({ ...open, until: at });
      open = undefined;
    }
  }
  if (open) incidents.push(open);
  return incidents.toReversed();
}
