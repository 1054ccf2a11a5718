import {
  healthReportSchema,
  type HealthReport,
  type ServiceHealth,
  type ClockReading,
} from '@seguridad-abc/contracts';
import {
  subscribeToChannel,
  getErrorMessage,
  type Logger,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import {
  applyHealthReport,
  createHealthCacheState,
  getReportIntervalMs,
  getServiceHealth,
  getServiceHealthOrUnknown,
  isReportFetchDue,
  recordReportFetchStart,
  tickHealthCache,
  type HealthReportTransport,
} from '../domain/health-cache-state.js';
import type { ServiceClient } from '../supergraph/service-client.js';

const MAX_TICK_INTERVAL_MS = 250;
const TICKS_PER_REPORT_INTERVAL = 4;
/** The services of this product. */
const EXPECTED_SERVICES = ['gateway', 'heartbeat', 'monitoring', 'reports'];

export interface HealthCacheOptions {
  readonly pubsub: Pick<RedisPubSubClient, 'subscribe' | 'subscriber' | 'names'>;
  /** Expected time between two reports, in milliseconds, until a report states its own interval. */
  readonly intervalMs: number;
  /** The services that are listed as `UNKNOWN` before the first report. @default the services of this product */
  readonly expectedServices?: readonly string[];
  /** Any monitor has the report. */
  readonly monitors: ServiceClient;
  readonly clock: () => ClockReading;
  readonly logger: Logger;
}

/**
 * The gateway's copy of the latest health report. It receives reports only while it is in use, so that a gateway whose
 * supergraph has no `heartbeat` field needs no Redis.
 */
export interface HealthCache {
  /** Receives reports until `signal` aborts, or longer if another call of this method is still in effect. */
  keepUpdated(signal: AbortSignal): void;
  /**
   * Registers a listener that is called after each change of what `getServices` may return.
   * @param listener its argument is true after a lost Redis connection was restored: reports may have been missed, so
   *   subscribers must receive every status again
   */
  onChange(listener: (mustResend: boolean) => void): void;
  /** The current health of every service. Undefined while the cache is not in use, or just started. */
  getServices(): readonly ServiceHealth[] | undefined;
  /** The current health of every service, `UNKNOWN` if the cache just started. Empty while the cache is not in use. */
  getServicesOrUnknown(): readonly ServiceHealth[];
  /** Resolves when `getServices` is known. Resolves with an empty list when `signal` aborts. */
  waitForServices(signal: AbortSignal): Promise<readonly ServiceHealth[]>;
}

/** Creates a cache that receives no reports until `keepUpdated` is called. */
export function createHealthCache(options: HealthCacheOptions): HealthCache {
  const listeners = new Set<(mustResend: boolean) => void>();
  const wakeWaiters = new Set<() => void>();
  let receiver: ReportReceiver | undefined;
  let userCount = 0;

  const handleChange = (mustResend: boolean) => {
    for (const listener of listeners) listener(mustResend);
    if (!receiver?.getServices()) return;
    for (const wake of wakeWaiters) wake();
  };

  return {
    keepUpdated(signal) {
      const leave = () => {
        userCount -= 1;
        if (userCount > 0) return;
        receiver?.stop();
        receiver = undefined;
      };
      signal.addEventListener('abort', leave, { once: true });
      userCount += 1;
      receiver ??= startReportReceiver(options, handleChange);
    },
    onChange: (listener) => void listeners.add(listener),
    getServices: () => receiver?.getServices(),
    getServicesOrUnknown: () => receiver?.getServicesOrUnknown() ?? [],
    async waitForServices(signal) {
      for (;;) {
        const services = receiver?.getServices();
        if (services || signal.aborted) return services ?? [];
        let wake: () => void = () => undefined;
        const woken = new Promise<void>((resolve) => (wake = resolve));
        wakeWaiters.add(wake);
        signal.addEventListener('abort', wake, { once: true });
        await woken;
        wakeWaiters.delete(wake);
        signal.removeEventListener('abort', wake);
      }
    },
  };
}

interface ReportReceiver {
  getServices(): readonly ServiceHealth[] | undefined;
  getServicesOrUnknown(): readonly ServiceHealth[];
  stop(): void;
}

/** Receives reports over Redis, and fetches them over HTTP at the start and while Redis brings none. */
function startReportReceiver(
  options: HealthCacheOptions,
  onChange: (mustResend: boolean) => void,
): ReportReceiver {
  const { pubsub, intervalMs, expectedServices = EXPECTED_SERVICES, clock, logger } = options;
  const { subscriber } = pubsub;
  const stopped = new AbortController();
  let state = createHealthCacheState({ intervalMs, expectedServices }, clock());
  let fetchInProgress: AbortController | undefined;
  let wasConnectionLost = false;
  let mustResend = false;

  const notify = () => {
    const mustResendNow = mustResend;
    mustResend = false;
    onChange(mustResendNow);
  };
  const receiveReport = (report: HealthReport, transport: HealthReportTransport) => {
    state = applyHealthReport(state, report, transport, clock());
    notify();
  };

  const fetchReport = async () => {
    if (fetchInProgress) return;
    state = recordReportFetchStart(state, clock());
    const abort = (fetchInProgress = new AbortController());
    try {
      const report = await options.monitors.send({
        path: '/report',
        read: async (response) => healthReportSchema.parse(await response.json()),
        // One interval: the next fetch can then start on time.
        timeoutMs: getReportIntervalMs(state),
        signal: abort.signal,
      });
      if (!stopped.signal.aborted) receiveReport(report, 'http');
    } catch (error) {
      logger.debug({ error: getErrorMessage(error) }, 'the health report could not be fetched over HTTP');
    } finally {
      fetchInProgress = undefined;
    }
  };

  const tick = () => {
    const { phase } = state;
    const now = clock();
    state = tickHealthCache(state, subscriber.status === 'ready', now);
    if (isReportFetchDue(state, now)) void fetchReport();
    if (state.phase !== phase) notify();
  };
  const handleRedisClose = () => void (wasConnectionLost = true);
  const handleRedisReady = () => {
    if (!wasConnectionLost) return;
    wasConnectionLost = false;
    mustResend = true;
    void fetchReport().then(() => {
      if (mustResend && !stopped.signal.aborted) notify();
    });
  };

  const timer = setInterval(tick, Math.min(MAX_TICK_INTERVAL_MS, intervalMs / TICKS_PER_REPORT_INTERVAL));
  subscriber.on('close', handleRedisClose);
  subscriber.on('ready', handleRedisReady);
  void subscribeToChannel({
    pubsub,
    channel: pubsub.names.healthChannel,
    schema: healthReportSchema,
    listener: (report) => receiveReport(report, 'redis'),
    logger,
    signal: stopped.signal,
  });
  void fetchReport();

  return {
    getServices: () => getServiceHealth(state),
    getServicesOrUnknown: () => getServiceHealthOrUnknown(state),
    stop() {
      clearInterval(timer);
      subscriber.off('close', handleRedisClose);
      subscriber.off('ready', handleRedisReady);
      stopped.abort();
      fetchInProgress?.abort();
    },
  };
}
