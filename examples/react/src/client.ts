import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { consistencyLink } from './consistency-link';

const url = new URL(import.meta.env.VITE_GRAPHQL_URL ?? '/graphql', location.href);

/** Between two tries to open the WebSocket again: 1 to 2 seconds. */
const retryWait = () => new Promise<void>((resolve) => setTimeout(resolve, 1_000 + Math.random() * 1_000));

/** It comes back by itself, and subscribes again, until the page is closed. */
export const socket = createClient({
  url: url.href.replace(/^http/, 'ws'),
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait,
});

/** With these codes the gateway ends a subscription that is to be made again. */
const AGAIN: readonly unknown[] = ['SERVER_SHUTTING_DOWN', 'SUBSCRIBER_TOO_SLOW'];

const subscribeAgain = new RetryLink({
  delay: { initial: 1_000, max: 5_000 },
  attempts: {
    max: Infinity,
    retryIf: (error) =>
      CombinedGraphQLErrors.is(error) &&
      error.errors.some(({ extensions }) => AGAIN.includes(extensions?.['code'])),
  },
});

/** Queries and mutations go over HTTP, subscriptions over the WebSocket. */
const transport = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  ApolloLink.from([subscribeAgain, new GraphQLWsLink(socket)]),
  new HttpLink({ uri: url.href }),
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
