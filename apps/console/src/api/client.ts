import { ApolloClient, ApolloLink, HttpLink } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import type { Client } from 'graphql-ws';
import { createConsoleCache } from './cache';
import { createConsistencyLink } from './consistency-link';
import { createOperationIdLink } from './operation-ids';
import { createResumeLink } from './resume-link';
import { isRetryableError, listErrorCodes } from './subscription-errors';

export const GRAPHQL_PATH = '/graphql';

interface ConsoleClientOptions {
  /** Sends the subscriptions. */
  readonly webSocketClient: Client;
  /** Undefined if the browser sends a cookie. */
  readonly getAuthorization: () => string | undefined;
  /** Whether operations are named by their ids. */
  readonly operationsById: boolean;
  /** Called when the gateway does not accept the session any more. */
  readonly onUnauthenticated: () => void;
}

/** Creates the GraphQL client of all screens: queries and mutations over HTTP, subscriptions over the WebSocket. */
export function createConsoleClient(options: ConsoleClientOptions): ApolloClient {
  const { webSocketClient, getAuthorization, operationsById, onUnauthenticated } = options;
  const errorLink = new ErrorLink(({ error }) => {
    if (listErrorCodes(error).includes('UNAUTHENTICATED')) onUnauthenticated();
  });
  const authorizationLink = new SetContextLink((context) => {
    const authorization = getAuthorization();
    if (authorization === undefined) return {};
    return { headers: { ...(context['headers'] as object | undefined), authorization } };
  });
  /** Subscribes again. The resume link continues after the last payload. */
  const retryLink = new RetryLink({
    delay: { initial: 1_000, max: 5_000 },
    attempts: { max: Infinity, retryIf: isRetryableError },
  });
  const transportLink = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    ApolloLink.from([
      retryLink,
      createResumeLink(),
      new GraphQLWsLink(operationsById ? sendIdsOnly(webSocketClient) : webSocketClient),
    ]),
    ApolloLink.from([authorizationLink, new HttpLink({ uri: GRAPHQL_PATH })]),
  );
  const links = [errorLink, createConsistencyLink(), ...(operationsById ? [createOperationIdLink()] : [])];
  return new ApolloClient({
    link: ApolloLink.from([...links, transportLink]),
    cache: createConsoleCache(),
    // A screen that opens again shows what it had, and asks for what has changed.
    defaultOptions: { watchQuery: { fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first' } },
  });
}

/** A client that leaves out the text of each operation. Its id is in the extensions. */
const sendIdsOnly = (client: Client): Client => ({
  ...client,
  subscribe: (payload, sink) => client.subscribe({ ...payload, query: '' }, sink),
});
