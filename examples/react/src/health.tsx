import { useSubscription } from '@apollo/client/react';
import { useState } from 'react';
import { HealthDocument, type HealthSubscription } from './generated';
import { useConnected } from './use-connected';

type Service = HealthSubscription['heartbeat'];

/** The present state of every service, then each change as it happens. */
export function Health() {
  const [services, setServices] = useState<ReadonlyMap<string, Service>>(new Map());
  const connected = useConnected();
  const { error } = useSubscription(HealthDocument, {
    onData({ data: { data } }) {
      if (data) setServices((all) => new Map(all).set(data.heartbeat.name, data.heartbeat));
    },
  });

  return (
    <section aria-labelledby="health">
      <h2 id="health">Live health</h2>
      {error && <p role="alert">{error.message}</p>}
      {!connected && <p role="status">Connecting …</p>}
      <ul className={connected ? 'health' : 'health stale'} aria-labelledby="health" aria-live="polite">
        {[...services.values()].map(({ name, status, reason, since }) => (
          <li key={name} aria-label={name}>
            <strong>{name}</strong>
            <span className={`status ${status}`} title={`since ${new Date(since).toLocaleString()}`}>
              {status}
            </span>
            <p>{reason}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
