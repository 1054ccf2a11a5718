import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useId, type ReactNode } from 'react';
import type { ServicesQuery } from '../../api/generated';
import { Badge } from '../../design/badge';
import { ElapsedTime } from '../../design/instant';
import { formatShare } from '../../languages/times';
import { HEALTH_STATUSES } from './health-statuses';
import { HistoryChart } from './history-chart';
import styles from './service-card.module.css';

interface ServiceCardProps {
  readonly service: NonNullable<ServicesQuery['services']>[number];
  /** The live connection is lost, so that the status may have changed. */
  readonly isStale: boolean;
}

/** One service: status and reason, the last day as bars, and its availability. */
export function ServiceCard({ service, isStale }: ServiceCardProps) {
  const { i18n } = useLingui();
  const headingId = useId();
  const { name, status, reason, since, instances, transitions, lastDay, lastWeek, lastMonth } = service;
  const { label, tone } = HEALTH_STATUSES[status];
  return (
    <article className={styles['card']} aria-labelledby={headingId} data-tone={tone}>
      <div className={styles['state']}>
        <h2 id={headingId} className={styles['name']}>
          {name}
        </h2>
        <Badge tone={tone} isStale={isStale}>
          {i18n._(label)}
        </Badge>
        <p className={styles['reason']} lang="en">
          {reason}
        </p>
        <p className={styles['since']}>
          <Trans>
            For <ElapsedTime since={since} />
          </Trans>
          {instances.length > 1 && (
            <>
              {' · '}
              <Plural value={instances.length} one="# instance" other="# instances" />
            </>
          )}
        </p>
      </div>
      <HistoryChart service={name} changes={transitions} />
      <dl className={styles['availability']}>
        <Availability label={<Trans>24 h</Trans>} share={lastDay} />
        <Availability label={<Trans>7 days</Trans>} share={lastWeek} />
        <Availability label={<Trans>30 days</Trans>} share={lastMonth} />
      </dl>
    </article>
  );
}

function Availability({ label, share }: { readonly label: ReactNode; readonly share: number | null }) {
  const { i18n } = useLingui();
  return (
    <div>
      <dt>{label}</dt>
      <dd>{share === null ? '–' : formatShare(share, i18n.locale)}</dd>
    </div>
  );
}
