import {
  formatInstant,
  type ClockReading,
  type HealthReport,
  type HealthStatus,
  type ServiceHealth,
} from '@seguridad-abc/contracts';

/** After this many intervals without a report over Redis, the gateway fetches reports over HTTP. */
const FETCH_AFTER_INTERVALS = 2;
/** After this many intervals without any report, the monitor counts as down. */
const SILENT_AFTER_INTERVALS = 5;
/** Name of the service that runs the monitor. */
const MONITOR_SERVICE = 'heartbeat';

/** Constants of one health cache. */
export interface HealthCacheSettings {
  /** Time between two reports, in milliseconds. A report states its own interval, which then takes precedence. */
  readonly intervalMs: number;
  /** The services that are listed as `UNKNOWN` before the first report. */
  readonly expectedServices: readonly string[];
}

/** How a health report reached the gateway. */
export type HealthReportTransport = 'redis' | 'http';

/** The gateway's copy of the latest health report, and how current it is. Times are monotonic, in milliseconds. */
export interface HealthCacheState {
  readonly settings: HealthCacheSettings;
  readonly startedAt: ClockReading;
  /** The latest report. */
  readonly report: HealthReport | undefined;
  /** When the last report arrived over any transport. */
  readonly reportReceivedMs: number;
  readonly redisReportReceivedMs: number;
  /** When the Redis connection was last seen ready. */
  readonly redisReadyMs: number;
  /** When a report was last fetched over HTTP. */
  readonly reportFetchedMs: number;
  readonly lastTickMs: number;
  /**
   * - `starting`: no report yet, but one may arrive within the first interval.
   * - `unknown`: no report arrived within the first interval.
   * - `current`: the latest report holds.
   * - `silent`: reports were due and none arrived for several intervals.
   */
  readonly phase: 'starting' | 'unknown' | 'current' | 'silent';
  /** The last time that the monitor fell silent: the instant, and the time since its last report. */
  readonly silence: { readonly since: string; readonly durationMs: number } | undefined;
}

/** The state at the start: no report has arrived. */
export const createHealthCacheState = (
  settings: HealthCacheSettings,
  now: ClockReading,
): HealthCacheState => ({
  settings,
  startedAt: now,
  report: undefined,
  reportReceivedMs: now.monotonicMs,
  redisReportReceivedMs: now.monotonicMs,
  redisReadyMs: now.monotonicMs,
  reportFetchedMs: -Infinity,
  lastTickMs: now.monotonicMs,
  phase: 'starting',
  silence: undefined,
});

/** Time between two reports, in milliseconds. */
export const getReportIntervalMs = ({ report, settings }: HealthCacheState): number =>
  report?.intervalMs ?? settings.intervalMs;

/**
 * Stores a received report. Redis and HTTP do not preserve the order between them, and of several monitors only one speaks:
 *
 * - A report of an older term is ignored: another monitor has taken over. After a silence it counts, because terms may then have
 *   begun anew.
 * - Within one run of a monitor, an older report does not replace a newer one.
 * - A monitor that does not speak answers over HTTP, too. What it sees itself counts only while Redis brings no reports of the speaker.
 *   Each monitor may date an unchanged status differently, so the stored start of it stays: subscribers receive it once.
 *
 * Any other report replaces the stored one, and shows that a monitor runs.
 */
export function applyHealthReport(
  state: HealthCacheState,
  report: HealthReport,
  transport: HealthReportTransport,
  now: ClockReading,
): HealthCacheState {
  const stored = state.report;
  const term = report.term ?? 0;
  const storedTerm = stored?.term ?? 0;
  if (stored && term < storedTerm && state.phase !== 'silent') return state;
  const isSameTerm = stored !== undefined && term === storedTerm;
  const isSameRun = isSameTerm && stored.run === report.run;
  // Monitors of older software have no terms, and each run of one replaces the one before.
  const isFromListener = isSameTerm && !isSameRun && term > 0 && transport === 'http';
  if (isFromListener && !isRedisSilent(state, now)) return state;
  const isOutdated = isSameRun && report.sequence <= stored.sequence;
  const received = isFromListener ? keepStatusStarts(report, stored) : report;
  return {
    ...state,
    report: isOutdated ? stored : received,
    reportReceivedMs: now.monotonicMs,
    redisReportReceivedMs: transport === 'redis' ? now.monotonicMs : state.redisReportReceivedMs,
    phase: 'current',
  };
}

function keepStatusStarts(report: HealthReport, stored: HealthReport): HealthReport {
  const known = new Map(stored.services.map((service) => [service.name, service]));
  return {
    ...report,
    services: report.services.map((service) => {
      const previous = known.get(service.name);
      return previous?.status === service.status ? { ...service, since: previous.since } : service;
    }),
  };
}

/**
 * Advances the state to `now`. Call it several times per interval: a longer gap means that this process was suspended
 * and could not receive reports. The monitor then gets all its intervals again.
 */
export function tickHealthCache(
  state: HealthCacheState,
  isRedisReady: boolean,
  now: ClockReading,
): HealthCacheState {
  const nowMs = now.monotonicMs;
  const intervalMs = getReportIntervalMs(state);
  const wasSuspended = nowMs - state.lastTickMs > intervalMs;
  const ticked: HealthCacheState = {
    ...state,
    lastTickMs: nowMs,
    redisReadyMs: isRedisReady || wasSuspended ? nowMs : state.redisReadyMs,
    ...(wasSuspended && { reportReceivedMs: nowMs, redisReportReceivedMs: nowMs }),
  };
  const durationMs = nowMs - ticked.reportReceivedMs;
  if (ticked.phase !== 'silent' && durationMs >= SILENT_AFTER_INTERVALS * intervalMs) {
    return { ...ticked, phase: 'silent', silence: { since: formatInstant(now.wallMs), durationMs } };
  }
  if (ticked.phase === 'starting' && nowMs - ticked.startedAt.monotonicMs >= intervalMs) {
    return { ...ticked, phase: 'unknown' };
  }
  return ticked;
}

/** Whether to fetch a report over HTTP now: once at the start, then once per interval while Redis brings no reports. */
export function isReportFetchDue(state: HealthCacheState, now: ClockReading): boolean {
  if (state.reportFetchedMs === -Infinity) return true;
  return isRedisSilent(state, now) && now.monotonicMs - state.reportFetchedMs >= getReportIntervalMs(state);
}

/** Whether Redis brings no reports, or is away. */
function isRedisSilent(state: HealthCacheState, now: ClockReading): boolean {
  const intervalMs = getReportIntervalMs(state);
  const silenceMs = now.monotonicMs - state.redisReportReceivedMs;
  return (
    silenceMs >= FETCH_AFTER_INTERVALS * intervalMs || now.monotonicMs - state.redisReadyMs >= intervalMs
  );
}

/** Records that a fetch over HTTP starts now, whatever its outcome. */
export const recordReportFetchStart = (state: HealthCacheState, now: ClockReading): HealthCacheState => ({
  ...state,
  reportFetchedMs: now.monotonicMs,
});

/** The current health of every service. Undefined in the phase `starting`: a report may arrive at any time. */
export function getServiceHealth(state: HealthCacheState): readonly ServiceHealth[] | undefined {
  switch (state.phase) {
    case 'starting':
      return undefined;
    case 'unknown':
      return getExpectedServices(state);
    case 'current':
      return state.report?.services ?? [];
    case 'silent':
      return getServicesOfSilentMonitor(state);
  }
}

/** The current health of every service, for readers that do not wait: `UNKNOWN` in the phase `starting`. */
export const getServiceHealthOrUnknown = (state: HealthCacheState): readonly ServiceHealth[] =>
  getServiceHealth(state) ?? getExpectedServices(state);

const getExpectedServices = ({ settings, startedAt }: HealthCacheState): ServiceHealth[] =>
  settings.expectedServices.map((name) => createUnknownService(name, formatInstant(startedAt.wallMs)));

/** Without the monitor, only one status is certain: the monitor itself is down. */
function getServicesOfSilentMonitor(state: HealthCacheState): ServiceHealth[] {
  const { silence, report, startedAt } = state;
  if (!silence) return [];
  const services = report?.services ?? getExpectedServices(state);
  const monitor =
    services.find(({ name }) => name === MONITOR_SERVICE) ??
    createUnknownService(MONITOR_SERVICE, formatInstant(startedAt.wallMs));
  const withStatus = (service: ServiceHealth, status: HealthStatus, reason: string): ServiceHealth => ({
    ...service,
    status,
    reason,
    since: service.status === status ? service.since : silence.since,
    instances: service.instances.map((instance) => ({ ...instance, status })),
  });
  const noReport = `no health report for ${formatSeconds(silence.durationMs)}`;
  const downReason = `${noReport}; one is due every ${formatSeconds(getReportIntervalMs(state))}`;
  const unknownReason = `the monitor sent ${noReport}`;
  return [
    withStatus(monitor, 'DOWN', downReason),
    ...services
      .filter((service) => service !== monitor)
      .map((service) => withStatus(service, 'UNKNOWN', unknownReason)),
  ];
}

const createUnknownService = (name: string, since: string): ServiceHealth => ({
  name,
  status: 'UNKNOWN',
  reason: 'no health report received yet',
  since,
  lastBeatAt: null,
  instances: [],
});

const formatSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
