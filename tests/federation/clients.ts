import { ApolloClient, gql, HttpLink, InMemoryCache, type ApolloLink } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client as UrqlClient, fetchExchange, subscriptionExchange, type Exchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import relay, { type RequestParameters } from 'relay-runtime';
import WebSocket from 'ws';

// Apollo Client's link reads a constant of it, as browsers and Node 22 have it.
(globalThis as { WebSocket?: unknown }).WebSocket ??= WebSocket;

/** What a frontend's code hears of one operation. */
export interface Listener {
  next(result: { readonly data?: unknown }): void;
  /** Whatever the client gives for an error, GraphQL's or the connection's. */
  error(error: unknown): void;
  complete(): void;
}

/** A client as a frontend team uses it: its own code, with the settings that its docs show. */
export interface RealClient {
  /** @returns what ends it */
  subscribe(query: string, listener: Listener): () => void;
  close(): void;
}

interface Urls {
  readonly url: string;
  readonly socketUrl: string;
}

const wsClient = ({ socketUrl }: Urls) =>
  createWsClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });

function apollo(link: ApolloLink): RealClient {
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  return {
    subscribe(query, listener) {
      const document = gql(query);
      const isSubscription = query.startsWith('subscription');
      const results = isSubscription
        ? client.subscribe({ query: document, fetchPolicy: 'no-cache' })
        : client.watchQuery({ query: document, fetchPolicy: 'no-cache', notifyOnNetworkStatusChange: false });
      const subscription = results.subscribe({
        next({ data, error }: { data?: unknown; error?: unknown }) {
          if (error !== undefined) listener.error(error);
          else if (data !== undefined) listener.next({ data });
        },
        error: (error: unknown) => listener.error(error),
        complete: () => listener.complete(),
      });
      return () => subscription.unsubscribe();
    },
    close: () => client.stop(),
  };
}

function urql({ url }: Urls, exchange: Exchange, close: () => void = () => undefined): RealClient {
  const client = new UrqlClient({
    url,
    exchanges: [exchange],
    fetchSubscriptions: true,
    requestPolicy: 'network-only',
    preferGetMethod: false,
  });
  return {
    subscribe(query, listener) {
      const isSubscription = query.startsWith('subscription');
      const results = isSubscription ? client.subscription(query, {}) : client.query(query, {});
      let told = false;
      const subscription = results.subscribe(({ data, error, hasNext }) => {
        // At the end urql gives the last result again, as the last.
        const isEnd = isSubscription && !hasNext;
        if (!isEnd || !told) {
          if (error) listener.error(error);
          else if (data !== undefined) listener.next({ data: data as unknown });
        }
        told = true;
        if (isEnd) listener.complete();
      });
      return () => subscription.unsubscribe();
    },
    close,
  };
}

function urqlOverSocket(urls: Urls): RealClient {
  const socket = wsClient(urls);
  const exchange = subscriptionExchange({
    enableAllOperations: true,
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: socket.subscribe(
          { query, variables: variables as Record<string, unknown> },
          // urql's results have the same form.
          sink as Parameters<typeof socket.subscribe>[1],
        ),
      }),
    }),
  });
  return urql(urls, exchange, () => void socket.dispose());
}

/** As graphql-ws's recipes have it. */
function relayOverSocket(urls: Urls): RealClient {
  const socket = wsClient(urls);
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

function sse({ url }: Urls): RealClient {
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

export const REAL_CLIENTS: Readonly<Record<string, (urls: Urls) => RealClient>> = {
  'Apollo Client over multipart': ({ url }) => apollo(new HttpLink({ uri: url })),
  'Apollo Client over WebSocket': (urls) => apollo(new GraphQLWsLink(wsClient(urls))),
  'urql over SSE': (urls) => urql(urls, fetchExchange),
  'urql over WebSocket': urqlOverSocket,
  'graphql-sse': sse,
  'Relay over WebSocket': relayOverSocket,
};
