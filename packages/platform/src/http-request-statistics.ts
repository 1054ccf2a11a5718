import { DurationHistogram, REQUEST_DURATION_BOUNDS_SECONDS } from './duration-histogram.js';

/** The first parts of the paths that services have. Others count together, whatever clients send. */
const KNOWN_ROUTES = [
  ...['graphql', 'health', 'ready', 'metrics', 'log', 'audit', 'users', 'report', 'maintenance'],
  ...['alarm-changes', 'rule-changes', 'dead-letters', 'rebuild', 'supervision'],
  ...['status.json', 'status', 'graphiql', 'sign-in', 'sign-in-links', 'sign-out', 'console', 'assets'],
] as const;
const START_PAGE = '/';
const OTHER_ROUTE = 'other';

/** The requests of one route that were answered with the same status. */
export interface RouteStatistics {
  /** The first part of the path with a slash, or `other`. */
  readonly route: string;
  /** The HTTP status. */
  readonly code: string;
  readonly durations: DurationHistogram;
}

/** Counts the requests of an HTTP server. */
export interface HttpRequestStatistics {
  /** @param path without the query string */
  record(path: string, status: number, durationMs: number): void;
  list(): readonly RouteStatistics[];
}

export function createHttpRequestStatistics(): HttpRequestStatistics {
  /** By status, by path. Only known paths are in it, so that it stays small. */
  const byRoute = new Map<string, Map<number, RouteStatistics>>();
  for (const name of KNOWN_ROUTES) byRoute.set(`/${name}`, new Map<number, RouteStatistics>());
  byRoute.set(START_PAGE, new Map<number, RouteStatistics>());
  const others = new Map<number, RouteStatistics>();
  byRoute.set(OTHER_ROUTE, others);

  const getFirstPart = (path: string) => {
    const end = path.indexOf('/', 1);
    return end < 0 ? path : path.slice(0, end);
  };

  return {
    record(path, status, durationMs) {
      // Most paths have one part, which is found at once.
      const route = byRoute.has(path) ? path : getFirstPart(path);
      const byStatus = byRoute.get(route) ?? others;
      let statistics = byStatus.get(status);
      if (!statistics) {
        statistics = {
          route: byStatus === others ? OTHER_ROUTE : route,
          code: String(status),
          durations: new DurationHistogram(REQUEST_DURATION_BOUNDS_SECONDS),
        };
        byStatus.set(status, statistics);
      }
      statistics.durations.addMs(durationMs);
    },
    list: () => [...byRoute.values()].flatMap((byStatus) => [...byStatus.values()]),
  };
}
