import { Trans, useLingui } from '@lingui/react/macro';
import { joinClassNames } from '../design/class-names';
import { useNow } from '../design/use-now';
import { formatDuration } from '../languages/times';
import { useIsOnline, useLiveState } from '../session/use-live-state';
import styles from './live-status.module.css';

const SECOND_MS = 1_000;

/** Says whether the page is up to date, and otherwise how old its data is. */
export function LiveStatus() {
  const { status, currentUntil } = useLiveState();
  const isOnline = useIsOnline();
  const state = !isOnline ? 'offline' : status;
  return (
    <p className={joinClassNames(styles['status'], styles[state])}>
      {/* The age changes each second. It is not read out each time. */}
      <span role="status">
        {state === 'connected' && <Trans>Live</Trans>}
        {state === 'connecting' && <Trans>Connecting</Trans>}
        {state === 'lost' && <Trans>Live connection lost</Trans>}
        {state === 'offline' && <Trans>No network</Trans>}
      </span>
      {(state === 'lost' || state === 'offline') && <DataAge since={currentUntil} />}
    </p>
  );
}

function DataAge({ since }: { readonly since: number }) {
  const { i18n } = useLingui();
  const age = formatDuration(useNow(SECOND_MS) - since, i18n.locale);
  return (
    <span>
      , <Trans>{age} old</Trans>
    </span>
  );
}
