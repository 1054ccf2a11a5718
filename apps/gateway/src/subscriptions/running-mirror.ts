import {
  HEALTH_CHANNEL,
  healthReportSchema,
  type HealthReport,
  type ServiceHealthSnapshot,
} from '@seguridad-abc/contracts';
import { subscribeToChannel, errorMessage, type Logger, type PubSub } from '@seguridad-abc/platform';
import { asked, begin, hear, intervalOf, isToBeAsked, look, type MirrorRules } from '../domain/mirror.js';
import type { Moment } from '../domain/moment.js';
import { present, presentAtOnce } from '../domain/present.js';
import type { FetchReport } from './report-client.js';

/** The mirror looks at the clock this often at least, and four times an interval. */
const MAX_LOOK_MS = 250;
const LOOKS_AN_INTERVAL = 4;

export interface MirrorOptions {
  readonly rules: MirrorRules;
  readonly pubsub: Pick<PubSub, 'subscribe' | 'subscriber'>;
  /** Absent where the supergraph has no monitor to ask. */
  readonly fetchReport: FetchReport | undefined;
  readonly clock: () => Moment;
  readonly logger: Logger;
}

export interface RunningMirror {
  /** Undefined while it is too early to say anything. */
  present(): readonly ServiceHealthSnapshot[] | undefined;
  presentAtOnce(): readonly ServiceHealthSnapshot[];
  stop(): void;
}

/**
 * Hears the monitor over Redis, and asks it over HTTP at first and while Redis brings nothing.
 * @param onChange what is present may be another; `again`: it is to be told whole, since messages may have been lost
 */
export function startMirror(options: MirrorOptions, onChange: (again: boolean) => void): RunningMirror {
  const { rules, pubsub, fetchReport, clock, logger } = options;
  const { subscriber } = pubsub;
  const abort = new AbortController();
  let mirror = begin(rules, clock());
  let asking: AbortController | undefined;
  let isAway = false;
  let isToBeToldAgain = false;

  const tell = () => {
    const again = isToBeToldAgain;
    isToBeToldAgain = false;
    onChange(again);
  };
  const hearFrom = (way: 'redis' | 'http') => (report: HealthReport) => {
    mirror = hear(mirror, report, way, clock());
    tell();
  };

  const ask = async () => {
    if (!fetchReport || asking) return;
    mirror = asked(mirror, clock());
    const own = (asking = new AbortController());
    // Within the interval, so that it can be asked again in the next.
    const timer = setTimeout(() => own.abort(), intervalOf(mirror));
    try {
      const report = await fetchReport(own.signal);
      if (!abort.signal.aborted) hearFrom('http')(report);
    } catch (error) {
      logger.debug({ error: errorMessage(error) }, 'the monitor was asked for its report and gave none');
    } finally {
      clearTimeout(timer);
      asking = undefined;
    }
  };

  const onLook = () => {
    const { phase } = mirror;
    const now = clock();
    mirror = look(mirror, subscriber.status === 'ready', now);
    if (isToBeAsked(mirror, now)) void ask();
    if (mirror.phase !== phase) tell();
  };
  const onLost = () => void (isAway = true);
  const onReady = () => {
    if (!isAway) return;
    isAway = false;
    isToBeToldAgain = true;
    void ask().then(() => {
      if (isToBeToldAgain && !abort.signal.aborted) tell();
    });
  };

  const timer = setInterval(onLook, Math.min(MAX_LOOK_MS, rules.intervalMs / LOOKS_AN_INTERVAL));
  subscriber.on('close', onLost);
  subscriber.on('ready', onReady);
  void subscribeToChannel({
    pubsub,
    channel: HEALTH_CHANNEL,
    schema: healthReportSchema,
    listener: hearFrom('redis'),
    logger,
    signal: abort.signal,
  });
  void ask();

  return {
    present: () => present(mirror),
    presentAtOnce: () => presentAtOnce(mirror),
    stop() {
      clearInterval(timer);
      subscriber.off('close', onLost);
      subscriber.off('ready', onReady);
      abort.abort();
      asking?.abort();
    },
  };
}
