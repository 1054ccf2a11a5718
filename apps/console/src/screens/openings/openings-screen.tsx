import { useQuery, useSubscription } from '@apollo/client/react';
import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import {
  OpeningAlarmChangedDocument,
  OpeningsDocument,
  type OpeningsQueryVariables,
  type OpeningStateFragment,
} from '../../api/generated';
import { Button } from '../../design/button';
import { Page } from '../../design/page';
import { EmptyState, ErrorState, LoadingState } from '../../design/states';
import { useLiveState } from '../../session/use-live-state';
import { OpeningCard } from './opening-card';
import styles from './openings-screen.module.css';

/** Readings have no subscription: the page asks for them. Alarms arrive at once. */
const POLL_INTERVAL_MS = 10_000;
const PAGE_SIZE = 60;
const FIRST_PAGE: OpeningsQueryVariables = { first: PAGE_SIZE };

/** The openings of the caller: open or closed, since when, and the last reading. */
export function OpeningsScreen() {
  const { t } = useLingui();
  const [page, setPage] = useState(FIRST_PAGE);
  const { data, previousData, error, refetch } = useQuery(OpeningsDocument, {
    variables: page,
    pollInterval: POLL_INTERVAL_MS,
    skipPollAttempt: () => document.hidden,
  });
  // A changed alarm often means that an opening was opened or closed.
  useSubscription(OpeningAlarmChangedDocument, { onData: () => void refetch() });

  const viewer = (data ?? previousData)?.viewer;
  const connection = viewer?.openingConnection ?? undefined;
  const isLoading = !error && !data && !connection;
  const isEmpty = data !== undefined && (connection?.totalCount ?? 0) === 0;
  return (
    <Page title={t`Openings`} summary={connection && <Summary {...connection} />}>
      {error && !connection && <ErrorState error={error} onRetry={() => void refetch()} />}
      {isLoading && <LoadingState />}
      {isEmpty && (
        <EmptyState icon="door" title={<Trans>No openings yet</Trans>}>
          <Trans>A door or window appears here with its first reading or its first rule.</Trans>
        </EmptyState>
      )}
      {connection && connection.totalCount > 0 && <OpeningList openings={connection.nodes} />}
      {connection && <Pager {...connection.pageInfo} onChange={setPage} />}
    </Page>
  );
}

interface SummaryProps {
  readonly totalCount: number;
  readonly nodes: readonly OpeningStateFragment[];
}

function Summary({ totalCount, nodes }: SummaryProps) {
  if (totalCount === 0) return null;
  const openCount = nodes.filter(({ state }) => state === 'OPEN').length;
  // Of several pages, only the shown one is known.
  if (totalCount > nodes.length) return <Plural value={totalCount} one="# opening" other="# openings" />;
  return (
    <p role="status">
      {openCount === 0 ? (
        <Trans>Nothing is open.</Trans>
      ) : (
        <Plural
          value={openCount}
          one={`# of ${totalCount} is open.`}
          other={`# of ${totalCount} are open.`}
        />
      )}
    </p>
  );
}

function OpeningList({ openings }: { readonly openings: readonly OpeningStateFragment[] }) {
  const { status } = useLiveState();
  return (
    <ul className={styles['openings']}>
      {openings.map((opening) => (
        <li key={opening.name}>
          <OpeningCard opening={opening} isStale={status === 'lost'} />
        </li>
      ))}
    </ul>
  );
}

interface PagerProps {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  readonly onChange: (page: OpeningsQueryVariables) => void;
}

function Pager({ hasNextPage, hasPreviousPage, startCursor, endCursor, onChange }: PagerProps) {
  const { t } = useLingui();
  if (!hasNextPage && !hasPreviousPage) return null;
  return (
    <nav className={styles['pager']} aria-label={t`Pages`}>
      <Button disabled={!hasPreviousPage} onClick={() => onChange({ before: startCursor, last: PAGE_SIZE })}>
        <Trans>Previous</Trans>
      </Button>
      <Button disabled={!hasNextPage} onClick={() => onChange({ after: endCursor, first: PAGE_SIZE })}>
        <Trans>Next</Trans>
      </Button>
    </nav>
  );
}
