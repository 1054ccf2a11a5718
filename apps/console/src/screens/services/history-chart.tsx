import { Trans, useLingui } from '@lingui/react/macro';
import type { HealthStatus } from '../../api/generated';
import { useNow } from '../../design/use-now';
import { formatInstant } from '../../languages/times';
import { createHistoryBars, type HistoryBar, type StatusChange } from './health-history';
import { HEALTH_STATUSES, isProblem } from './health-statuses';
import styles from './history-chart.module.css';

const BAR_MS = 1_800_000; // half an hour
const BAR_COUNT = 48; // a day
const REDRAW_INTERVAL_MS = 60_000;
/** In the units of the picture, which is stretched to the width of its place. */
const BAR_STEP = 4;
const BAR_WIDTH = 3;
const HEIGHT = 32;

interface HistoryChartProps {
  readonly service: string;
  /** Newest first. */
  readonly changes: readonly StatusChange[];
}

/** The last day as bars of half an hour, each in the colour of its worst status. */
export function HistoryChart({ service, changes }: HistoryChartProps) {
  const { t, i18n } = useLingui();
  const now = useNow(REDRAW_INTERVAL_MS);
  // A change that arrived after the last redrawing belongs to the last bar.
  const until = Math.max(now, ...changes.slice(0, 1).map(({ at }) => Date.parse(at) + 1));
  const bars = createHistoryBars(changes, { until, barMs: BAR_MS, count: BAR_COUNT });
  const problemCount = bars.filter(({ status }) => status !== undefined && isProblem(status)).length;
  const label =
    problemCount === 0
      ? t`${service}: no problem in the last 24 hours`
      : t`${service}: problems in ${problemCount} of the last 48 half hours`;
  const describeBar = ({ from, status }: HistoryBar) => {
    const text = status === undefined ? t`no data` : i18n._(HEALTH_STATUSES[status].label);
    return `${formatInstant(new Date(from).toISOString(), i18n.locale, now)}: ${text}`;
  };

  return (
    <figure>
      <svg
        className={styles['chart']}
        viewBox={`0 0 ${BAR_COUNT * BAR_STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {bars.map((bar, index) => (
          <rect
            key={bar.from}
            className={styles[getBarClass(bar.status)]}
            x={index * BAR_STEP}
            width={BAR_WIDTH}
            height={HEIGHT}
          >
            <title>{describeBar(bar)}</title>
          </rect>
        ))}
      </svg>
      <figcaption className={styles['axis']} aria-hidden="true">
        <span>
          <Trans>24 h ago</Trans>
        </span>
        <span>
          <Trans>now</Trans>
        </span>
      </figcaption>
    </figure>
  );
}

const getBarClass = (status: HealthStatus | undefined): string =>
  status === undefined ? 'none' : HEALTH_STATUSES[status].tone;
