import { useSubscription } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { webSocketClient } from './client';
import { HealthDocument, type HealthSubscription } from './generated';

type ServiceHealth = HealthSubscription['heartbeat'];

/** Shows the current health of every service, and each change as it happens. */
export function HealthPanel() {
  const [services, setServices] = useState<ReadonlyMap<string, ServiceHealth>>(new Map());
  const isConnected = useIsConnected();
  const { error } = useSubscription(HealthDocument, {
    onData({ data: { data } }) {
      if (data) setServices((current) => new Map(current).set(data.heartbeat.name, data.heartbeat));
    },
  });

  return (
    <section aria-labelledby="health">
      <h2 id="health">Live health</h2>
      {error && <p role="alert">{error.message}</p>}
      {!isConnected && <p role="status">{describeConnection(services.size > 0)}</p>}
      <ul className={isConnected ? 'health' : 'health stale'} aria-labelledby="health" aria-live="polite">
        {[...services.values()].map(({ name, status, reason, since }) => (
          <li key={name} aria-label={name}>
            <strong>{name}</strong>
            {isConnected ? (
              <span className={`status ${status}`} title={`since ${new Date(since).toLocaleString()}`}>
                {status}
              </span>
            ) : (
              <span className="status">UNKNOWN</span>
            )}
            <p>{isConnected ? reason : `was ${status} when the connection was lost`}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

const describeConnection = (wasConnected: boolean) =>
  wasConnected ? 'The connection to the gateway is lost. Connecting …' : 'Connecting …';

/** Whether the WebSocket is open. While it is not, the shown health may be out of date. */
function useIsConnected(): boolean {
  const [isConnected, setIsConnected] = useState(false);
  useEffect(() => {
    const removeListeners = [
      webSocketClient.on('connected', () => setIsConnected(true)),
      webSocketClient.on('closed', () => setIsConnected(false)),
    ];
    return () => removeListeners.forEach((removeListener) => removeListener());
  }, []);
  return isConnected;
}
