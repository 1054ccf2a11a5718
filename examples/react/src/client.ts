import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { createConsistencyLink } from './consistency-link';
import { createResumeLink } from './resume-link';
import { RETRYABLE_ERROR_CODES } from './subscribe-and-resume';
import { getCredentials } from './user-session';

const graphqlUrl = new URL(import.meta.env.VITE_GRAPHQL_URL ?? '/graphql', location.href);

/** Waits 1 to 2 seconds before the next connection attempt. */
const waitBeforeReconnect = () =>
  new Promise<void>((resolve) => setTimeout(resolve, 1_000 + Math.random() * 1_000));

/** How often the client asks whether the gateway still answers, if it receives nothing else. */
const KEEP_ALIVE_MS = 5_000;
/** The connection counts as lost if the gateway does not answer a ping within this time. */
const PONG_TIMEOUT_MS = 5_000;

/** The client for subscriptions. It reconnects and resubscribes automatically. */
export const webSocketClient = createClient({
  url: graphqlUrl.href.replace(/^http/, 'ws'),
  connectionParams: async () => ({ authorization: (await getCredentials()).authorization }),
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: waitBeforeReconnect,
  keepAlive: KEEP_ALIVE_MS,
});

/** A gateway that hangs does not close its connections, so the client closes one on which a ping stays unanswered. */
let pongTimer: ReturnType<typeof setTimeout> | undefined;
webSocketClient.on('ping', (isReceived) => {
  if (!isReceived) pongTimer = setTimeout(() => webSocketClient.terminate(), PONG_TIMEOUT_MS);
});
webSocketClient.on('pong', (isReceived) => {
  if (isReceived) clearTimeout(pongTimer);
});
webSocketClient.on('closed', () => clearTimeout(pongTimer));

/** The gateway closes a connection when its token expires, so each connection sends a new token before that. */
let renewalTimer: ReturnType<typeof setTimeout> | undefined;
webSocketClient.on('connected', (connection) => {
  const webSocket = connection as WebSocket;
  const sendToken = async () => {
    clearTimeout(renewalTimer);
    const { authorization, renewAt } = await getCredentials();
    if (webSocket.readyState !== webSocket.OPEN || renewAt === Infinity) return;
    webSocket.send(JSON.stringify({ type: 'ping', payload: { authorization } }));
    renewalTimer = setTimeout(() => void sendToken(), Math.max(0, renewAt - Date.now()) + 1_000);
  };
  void sendToken();
});

const retryLink = new RetryLink({
  delay: { initial: 1_000, max: 5_000 },
  attempts: {
    max: Infinity,
    retryIf: (error) =>
      CombinedGraphQLErrors.is(error) &&
      error.errors.some(({ extensions }) => RETRYABLE_ERROR_CODES.includes(extensions?.['code'])),
  },
});

const authorizationLink = new SetContextLink(async (context) => ({
  headers: { ...(context['headers'] as object), authorization: (await getCredentials()).authorization },
}));

/** Sends queries and mutations over HTTP, and subscriptions over the WebSocket. */
const transportLink = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  ApolloLink.from([retryLink, createResumeLink(), new GraphQLWsLink(webSocketClient)]),
  ApolloLink.from([authorizationLink, new HttpLink({ uri: graphqlUrl.href })]),
);

export const apolloClient = new ApolloClient({
  link: ApolloLink.from([createConsistencyLink(), transportLink]),
  cache: new InMemoryCache({
    typePolicies: {
      Query: { fields: { rules: relayStylePagination(['filter']) } },
      ServiceHealth: { keyFields: ['name'] },
      // Each response has the whole list, also if it is shorter than before.
      User: { fields: { calendars: { merge: false }, exceptions: { merge: false } } },
    },
  }),
});

let wasConnected = false;
webSocketClient.on('connected', () => {
  // Changes during a disconnection were not delivered, so load the queries again.
  if (wasConnected) void apolloClient.refetchQueries({ include: 'active' });
  wasConnected = true;
});
