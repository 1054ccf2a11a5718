import { Trans, useLingui } from '@lingui/react/macro';
import type { ServicesQuery } from '../../api/generated';
import { Badge } from '../../design/badge';
import { Instant } from '../../design/instant';
import { EmptyState } from '../../design/states';
import { Table } from '../../design/table';
import { useNow } from '../../design/use-now';
import { formatDuration } from '../../languages/times';
import { listIncidents, type Incident } from './health-history';
import { HEALTH_STATUSES } from './health-statuses';

const MAX_SHOWN = 20;

/** The last incidents of all services, newest first. */
export function IncidentList({ services }: { readonly services: NonNullable<ServicesQuery['services']> }) {
  const { t, i18n } = useLingui();
  const incidents = services
    .flatMap(({ name, transitions }) => listIncidents(name, transitions))
    .sort((a, b) => Date.parse(b.from) - Date.parse(a.from))
    .slice(0, MAX_SHOWN);
  if (incidents.length === 0) {
    return (
      <EmptyState title={<Trans>No incidents</Trans>}>
        <Trans>When a service is late, degraded or down, it is listed here.</Trans>
      </EmptyState>
    );
  }
  return (
    <Table<Incident>
      caption={t`Incidents`}
      rows={incidents}
      getKey={({ service, from }) => `${service} ${from}`}
      columns={[
        { key: 'service', title: t`Service`, render: ({ service }) => service },
        {
          key: 'worst',
          title: t`Worst status`,
          render: ({ worst }) => (
            <Badge tone={HEALTH_STATUSES[worst].tone}>{i18n._(HEALTH_STATUSES[worst].label)}</Badge>
          ),
        },
        { key: 'from', title: t`Began`, render: ({ from }) => <Instant at={from} /> },
        { key: 'duration', title: t`Lasted`, render: (incident) => <Duration {...incident} /> },
        { key: 'reason', title: t`Reason`, render: ({ reason }) => <span lang="en">{reason}</span> },
      ]}
    />
  );
}

function Duration({ from, until }: Incident) {
  const { i18n } = useLingui();
  const now = useNow();
  const duration = formatDuration(
    (until === undefined ? now : Date.parse(until)) - Date.parse(from),
    i18n.locale,
  );
  return until === undefined ? <Trans>{duration}, still going on</Trans> : duration;
}
