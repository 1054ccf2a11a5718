import { ApolloClient, gql, HttpLink, InMemoryCache, type ApolloLink } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client as UrqlClient, fetchExchange, subscriptionExchange, type Exchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import {
  ApolloClient as ApolloClient3,
  gql as gql3,
  HttpLink as HttpLink3,
  InMemoryCache as InMemoryCache3,
  type ApolloLink as ApolloLink3,
} from 'apollo-client-3/core/core.cjs';
import { GraphQLWsLink as GraphQLWsLink3 } from 'apollo-client-3/link/subscriptions/subscriptions.cjs';
import relay, { type RequestParameters } from 'relay-runtime';
import { Client as UrqlClient5, fetchExchange as fetchExchange5 } from 'urql-core-5';
import WebSocket from 'ws';

// Apollo Client's link needs a global WebSocket, which Node has from version 22 on.
(globalThis as { WebSocket?: unknown }).WebSocket ??= WebSocket;

/** Receives the results of one operation. */
export interface ResultListener {
  next(result: { readonly data?: unknown }): void;
  /** @param error GraphQL errors or a connection error, in the library's own form */
  error(error: unknown): void;
  complete(): void;
}

/** A GraphQL client library with the settings of its documentation. */
export interface ClientLibrary {
  /** @returns a function that ends the operation */
  subscribe(query: string, listener: ResultListener): () => void;
  close(): void;
}

interface EndpointUrls {
  readonly url: string;
  readonly socketUrl: string;
}

const createGraphQLWsClient = ({ socketUrl }: EndpointUrls) =>
  createWsClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });

function createApolloClient(link: ApolloLink): ClientLibrary {
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  return {
    subscribe(query, listener) {
      const document = gql(query);
      const observer = {
        next({ data, error }: { data?: unknown; error?: unknown }) {
          if (error !== undefined) listener.error(error);
          else if (data !== undefined) listener.next({ data });
        },
        error: (error: unknown) => listener.error(error),
        complete: () => listener.complete(),
      };
      const options = { query: document, fetchPolicy: 'no-cache' } as const;
      const subscription = query.startsWith('subscription')
        ? client.subscribe(options).subscribe(observer)
        : client.watchQuery({ ...options, notifyOnNetworkStatusChange: false }).subscribe(observer);
      return () => subscription.unsubscribe();
    },
    close: () => client.stop(),
  };
}

function createApolloClient3(link: ApolloLink3): ClientLibrary {
  const client = new ApolloClient3({ cache: new InMemoryCache3(), link });
  return {
    subscribe(query, listener) {
      const options = { query: gql3(query), fetchPolicy: 'no-cache' as const };
      const observer = {
        next: ({ data }: { data?: unknown }) => listener.next({ data }),
        error: (error: unknown) => listener.error(error),
        complete: () => listener.complete(),
      };
      const subscription = query.startsWith('subscription')
        ? client.subscribe(options).subscribe(observer)
        : client.watchQuery(options).subscribe(observer);
      return () => subscription.unsubscribe();
    },
    close: () => client.stop(),
  };
}

const URQL_OPTIONS = { fetchSubscriptions: true, requestPolicy: 'network-only' as const };

const createUrqlClient = (
  { url }: EndpointUrls,
  exchange: Exchange,
  close: () => void = () => undefined,
): ClientLibrary =>
  adaptUrqlClient(
    new UrqlClient({ ...URQL_OPTIONS, url, exchanges: [exchange], preferGetMethod: false }),
    close,
  );

/** By default, urql sends queries with GET, and subscriptions with POST. */
const createUrqlGetClient = ({ url }: EndpointUrls): ClientLibrary =>
  adaptUrqlClient(
    new UrqlClient({
      ...URQL_OPTIONS,
      url,
      exchanges: [fetchExchange],
      fetch(input, init) {
        const isSubscription = typeof init?.body === 'string' && init.body.includes('subscription ');
        if (init?.method !== 'GET' && !isSubscription) throw new Error('The query is not sent with GET.');
        return fetch(input, init);
      },
    }),
  );

const createUrqlClient5 = ({ url }: EndpointUrls): ClientLibrary => {
  const client = new UrqlClient5({ ...URQL_OPTIONS, url, exchanges: [fetchExchange5] });
  // The clients of both versions have the same methods.
  return adaptUrqlClient(client as unknown as UrqlClient);
};

function adaptUrqlClient(client: UrqlClient, close: () => void = () => undefined): ClientLibrary {
  return {
    subscribe(query, listener) {
      const isSubscription = query.startsWith('subscription');
      const results = isSubscription ? client.subscription(query, {}) : client.query(query, {});
      let hasResult = false;
      const subscription = results.subscribe(({ data, error, hasNext }) => {
        // urql repeats the last result when a subscription ends.
        const isEnd = isSubscription && !hasNext;
        if (!isEnd || !hasResult) {
          if (error) listener.error(error);
          else if (data !== undefined) listener.next({ data: data as unknown });
        }
        hasResult = true;
        if (isEnd) listener.complete();
      });
      return () => subscription.unsubscribe();
    },
    close,
  };
}

function createUrqlWebSocketClient(urls: EndpointUrls): ClientLibrary {
  const socket = createGraphQLWsClient(urls);
  const exchange = subscriptionExchange({
    enableAllOperations: true,
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: socket.subscribe(
          { query, variables: variables as Record<string, unknown> },
          // urql accepts the results of graphql-ws.
          sink as Parameters<typeof socket.subscribe>[1],
        ),
      }),
    }),
  });
  return createUrqlClient(urls, exchange, () => void socket.dispose());
}

/** Follows the recipe of graphql-ws for Relay. */
function createRelayWebSocketClient(urls: EndpointUrls): ClientLibrary {
  const socket = createGraphQLWsClient(urls);
  const fetchOrSubscribe = ({ name, text }: RequestParameters, variables: relay.Variables) =>
    relay.Observable.create<relay.GraphQLResponse>((sink) =>
      socket.subscribe(
        { operationName: name, query: text ?? '', variables },
        sink as Parameters<typeof socket.subscribe>[1],
      ),
    );
  const network = relay.Network.create(fetchOrSubscribe, fetchOrSubscribe);
  return {
    subscribe(query, listener) {
      const [kind = '', name = ''] = query.split(/\W+/);
      const operation = {
        id: null,
        cacheID: query,
        metadata: {},
        name,
        operationKind: kind as 'query' | 'subscription',
        text: query,
      };
      const subscription = network.execute(operation, {}, {}).subscribe({
        next: (result) => listener.next(result as { data?: unknown }),
        error: (error: unknown) => listener.error(error),
        complete: () => listener.complete(),
      });
      return () => subscription.unsubscribe();
    },
    close: () => void socket.dispose(),
  };
}

function createSseLibraryClient({ url }: EndpointUrls): ClientLibrary {
  const client = createSseClient({ url, retryAttempts: 0 });
  return {
    subscribe: (query, listener) =>
      client.subscribe(
        { query },
        {
          next(result) {
            if (result.errors) listener.error(result.errors);
            else listener.next(result);
          },
          error: (error) => listener.error(error),
          complete: () => listener.complete(),
        },
      ),
    close: () => client.dispose(),
  };
}

/** Creates a client by the name of its library and transport. */
export const CLIENT_LIBRARIES: Readonly<Record<string, (urls: EndpointUrls) => ClientLibrary>> = {
  'Apollo Client over multipart': ({ url }) => createApolloClient(new HttpLink({ uri: url })),
  'Apollo Client over WebSocket': (urls) =>
    createApolloClient(new GraphQLWsLink(createGraphQLWsClient(urls))),
  'Apollo Client 3 over multipart': ({ url }) => createApolloClient3(new HttpLink3({ uri: url })),
  'Apollo Client 3 over WebSocket': (urls) =>
    createApolloClient3(new GraphQLWsLink3(createGraphQLWsClient(urls))),
  'urql over SSE and POST': (urls) => createUrqlClient(urls, fetchExchange),
  'urql with its default options': createUrqlGetClient,
  'urql 5 over SSE': createUrqlClient5,
  'urql over WebSocket': createUrqlWebSocketClient,
  'graphql-sse': createSseLibraryClient,
  'Relay over WebSocket': createRelayWebSocketClient,
};
