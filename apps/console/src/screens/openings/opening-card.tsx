import { Plural, Trans } from '@lingui/react/macro';
import { useId } from 'react';
import type { OpeningStateFragment } from '../../api/generated';
import { Badge } from '../../design/badge';
import { Icon } from '../../design/icon';
import { Age, Instant } from '../../design/instant';
import styles from './opening-card.module.css';

interface OpeningCardProps {
  readonly opening: OpeningStateFragment;
  /** The live connection is lost, so that the state may have changed. */
  readonly isStale: boolean;
}

/** One door or window. */
export function OpeningCard({ opening, isStale }: OpeningCardProps) {
  const headingId = useId();
  const { name, state, since, lastReadingAt, tampered, batteryLow, rules } = opening;
  const timeZone = rules[0]?.timeZone;
  return (
    <article className={styles['card']} aria-labelledby={headingId} data-state={state ?? 'UNKNOWN'}>
      <div className={styles['heading']}>
        <h2 id={headingId} className={styles['name']}>
          {name}
        </h2>
        {state === 'OPEN' && (
          <Badge tone="warning" isStale={isStale}>
            <Trans>Open</Trans>
          </Badge>
        )}
        {state === 'CLOSED' && (
          <Badge tone="success" isStale={isStale}>
            <Trans>Closed</Trans>
          </Badge>
        )}
        {state === null && (
          <Badge tone="neutral">
            <Trans context="opening">Unknown</Trans>
          </Badge>
        )}
      </div>
      <dl className={styles['facts']}>
        {since !== null && (
          <div>
            <dt>{state === 'OPEN' ? <Trans>Open since</Trans> : <Trans>Closed since</Trans>}</dt>
            <dd>
              <Instant at={since} {...(timeZone !== undefined && { timeZone })} />
            </dd>
          </div>
        )}
        <div>
          <dt>
            <Trans>Last reading</Trans>
          </dt>
          <dd>{lastReadingAt === null ? <Trans>none yet</Trans> : <Age at={lastReadingAt} />}</dd>
        </div>
        <div>
          <dt>
            <Trans>Rules</Trans>
          </dt>
          <dd>
            {rules.length === 0 ? (
              <Trans>none: it raises no alarm</Trans>
            ) : (
              <Plural value={rules.length} one="# rule" other="# rules" />
            )}
          </dd>
        </div>
      </dl>
      {(tampered === true || batteryLow === true) && (
        <ul className={styles['warnings']}>
          {tampered === true && (
            <li className={styles['critical']}>
              <Icon name="alert" size={16} />
              <Trans>The sensor is tampered with</Trans>
            </li>
          )}
          {batteryLow === true && (
            <li>
              <Icon name="battery" size={16} />
              <Trans>The battery is low</Trans>
            </li>
          )}
        </ul>
      )}
    </article>
  );
}
