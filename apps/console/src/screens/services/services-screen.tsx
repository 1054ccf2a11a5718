import { useQuery, useSubscription } from '@apollo/client/react';
import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useRef } from 'react';
import { ServiceChangedDocument, ServicesDocument, type ServicesQuery } from '../../api/generated';
import { Page, Panel } from '../../design/page';
import { EmptyState, ErrorState, LoadingState } from '../../design/states';
import { useLiveState } from '../../session/use-live-state';
import { isProblem } from './health-statuses';
import { IncidentList } from './incident-list';
import { ServiceCard } from './service-card';
import styles from './services-screen.module.css';

/** The history of a changed service is stored a moment after the change is reported. */
const HISTORY_DELAY_MS = 500;

/** The live health of every service, with the history of a day and the last incidents. */
export function ServicesScreen() {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery(ServicesDocument);
  const services = data?.services ?? undefined;
  useServiceChanges(services, refetch);

  return (
    <Page title={t`Services`} summary={services && <Summary services={services} />}>
      {error && !services && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !services && <LoadingState />}
      {services?.length === 0 && (
        <EmptyState title={<Trans>No services yet</Trans>}>
          <Trans>A service appears here with its first heartbeat.</Trans>
        </EmptyState>
      )}
      {services && services.length > 0 && <ServiceList services={services} />}
    </Page>
  );
}

type Service = NonNullable<ServicesQuery['services']>[number];

/** Each payload changes the cached service at once. A changed status also begins a new part of its history. */
function useServiceChanges(services: readonly Service[] | undefined, reloadHistory: () => unknown): void {
  const reloadTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useSubscription(ServiceChangedDocument, {
    onData({ data: { data } }) {
      if (!data) return;
      const { name, since } = data.heartbeat;
      const known = services?.find((service) => service.name === name)?.transitions[0];
      if (!services || known?.at === since) return;
      clearTimeout(reloadTimer.current);
      reloadTimer.current = setTimeout(() => void reloadHistory(), HISTORY_DELAY_MS);
    },
  });
}

function Summary({ services }: { readonly services: readonly Service[] }) {
  const problems = services.filter(({ status }) => isProblem(status)).length;
  const total = services.length;
  return (
    <p role="status">
      {problems === 0 ? (
        <Trans>No service has a problem.</Trans>
      ) : (
        <Plural
          value={problems}
          one={`# of ${total} services has a problem.`}
          other={`# of ${total} services have a problem.`}
        />
      )}
    </p>
  );
}

function ServiceList({ services }: { readonly services: readonly Service[] }) {
  const { status } = useLiveState();
  return (
    <>
      <ul className={styles['services']}>
        {services.map((service) => (
          <li key={service.name}>
            <ServiceCard service={service} isStale={status === 'lost'} />
          </li>
        ))}
      </ul>
      <Panel title={<Trans>Incidents</Trans>}>
        <IncidentList services={services} />
      </Panel>
    </>
  );
}
