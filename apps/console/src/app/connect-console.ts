import type { ApolloClient } from '@apollo/client';
import { createConsoleClient, GRAPHQL_PATH } from '../api/client';
import { createLiveConnection, type LiveConnection } from '../api/live-connection';
import type { Session } from '../session/session';
import type { ConsoleSettings } from '../session/settings';

/** The connections of a signed-in caller to the gateway. */
export interface ConsoleConnection {
  readonly apolloClient: ApolloClient;
  readonly live: LiveConnection;
  readonly close: () => void;
}

/**
 * Connects GraphQL client, WebSocket and session.
 * @param onExpired called once, when the gateway does not accept the session any more
 */
export function connectConsole(
  settings: ConsoleSettings,
  session: Session,
  onExpired: () => void,
): ConsoleConnection {
  const { getAuthorization } = session;
  let isExpired = false;
  const expire = () => {
    if (isExpired) return;
    isExpired = true;
    // Otherwise it would try to connect for ever.
    live.close();
    onExpired();
  };
  /** A single refused operation does not end the session: the gateway may have refused something else. */
  const checkSession = () => {
    void session.isAccepted().then(
      (isAccepted) => {
        if (!isAccepted) expire();
      },
      // The gateway does not answer.
      () => undefined,
    );
  };
  const live = createLiveConnection({
    url: `${location.origin.replace(/^http/, 'ws')}${GRAPHQL_PATH}`,
    getAuthorization,
    // Subscriptions resume by themselves. Queries may have missed changes of what has no subscription.
    onReconnected: () => void apolloClient.refetchQueries({ include: 'active' }),
    onRefused: checkSession,
  });
  const apolloClient = createConsoleClient({
    webSocketClient: live.client,
    getAuthorization,
    operationsById: settings.operationsById,
    onUnauthenticated: checkSession,
  });
  const removeListeners = [session.onRenewed(live.renewAuthorization), session.onExpired(expire)];
  return {
    apolloClient,
    live,
    close() {
      for (const removeListener of removeListeners) removeListener();
      live.close();
      apolloClient.stop();
    },
  };
}
