import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { consistencyLink } from './consistency-link';
import { resumeLink } from './resume-link';
import { signedIn } from './session';

const url = new URL(import.meta.env.VITE_GRAPHQL_URL ?? '/graphql', location.href);

/** Between two tries to open the WebSocket again: 1 to 2 seconds. */
const retryWait = () => new Promise<void>((resolve) => setTimeout(resolve, 1_000 + Math.random() * 1_000));

/** It comes back by itself, and subscribes again, until the page is closed. */
export const socket = createClient({
  url: url.href.replace(/^http/, 'ws'),
  connectionParams: async () => ({ authorization: (await signedIn()).authorization }),
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait,
});

/** Brings a new token on the living socket, before the one that it has expires. */
let renewal: ReturnType<typeof setTimeout> | undefined;
socket.on('connected', (connection) => {
  const renew = async () => {
    clearTimeout(renewal);
    const { authorization, until } = await signedIn();
    const { readyState, OPEN } = connection as WebSocket;
    if (readyState !== OPEN || until === Infinity) return;
    (connection as WebSocket).send(JSON.stringify({ type: 'ping', payload: { authorization } }));
    renewal = setTimeout(() => void renew(), Math.max(0, until - Date.now()) + 1_000);
  };
  void renew();
});

/** With these codes the gateway ends a subscription that is to be made again. */
const AGAIN: readonly unknown[] = [
  'SERVER_SHUTTING_DOWN',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_EXPIRED',
  'SUBSCRIPTION_SCHEMA_RELOAD',
  'SUBGRAPH_UNAVAILABLE',
  'CURSOR_TOO_OLD',
];

const subscribeAgain = new RetryLink({
  delay: { initial: 1_000, max: 5_000 },
  attempts: {
    max: Infinity,
    retryIf: (error) =>
      CombinedGraphQLErrors.is(error) &&
      error.errors.some(({ extensions }) => AGAIN.includes(extensions?.['code'])),
  },
});

const introduce = new SetContextLink(async (context) => ({
  headers: { ...(context['headers'] as object), authorization: (await signedIn()).authorization },
}));

/** Queries and mutations go over HTTP, subscriptions over the WebSocket. */
const transport = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  ApolloLink.from([subscribeAgain, resumeLink(), new GraphQLWsLink(socket)]),
  ApolloLink.from([introduce, new HttpLink({ uri: url.href })]),
);

export const client = new ApolloClient({
  link: ApolloLink.from([consistencyLink(), transport]),
  cache: new InMemoryCache({
    typePolicies: {
      Query: { fields: { rules: relayStylePagination(['filter']) } },
      ServiceHealth: { keyFields: ['name'] },
    },
  }),
});

let wasConnected = false;
socket.on('connected', () => {
  // What changed while it was closed was told to nobody.
  if (wasConnected) void client.refetchQueries({ include: 'active' });
  wasConnected = true;
});
