import type { Actor } from '@seguridad-abc/contracts';
import { createClient, type Client, type FormattedExecutionResult } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphQLResult<Data = Record<string, unknown>> {
  readonly data?: Data | null;
  readonly extensions?: { readonly consistencyToken?: string };
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** The code of each error. */
export const getErrorCodes = ({ errors = [] }: GraphQLResult<unknown>): unknown[] =>
  errors.map(({ extensions }) => extensions?.['code']);

const defaultAuthorizations = new Map<string, string>();

/** Sets the `authorization` header that the clients of this file send to a server by default. */
export const setDefaultAuthorization = (url: string, authorization: string): void =>
  void defaultAuthorizations.set(new URL(url).host, authorization);

/** The headers of {@link setDefaultAuthorization}; empty if none was set. */
export function getDefaultHeaders(url: string): Record<string, string> {
  const authorization = defaultAuthorizations.get(new URL(url).host);
  return authorization === undefined ? {} : { authorization };
}

export interface ExecuteOptions {
  /** Identify the caller; by default {@link getDefaultHeaders}. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly consistencyToken?: string | undefined;
}

/** Executes an operation over HTTP. */
export async function executeOperation<Data = Record<string, unknown>>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  { headers = getDefaultHeaders(url), consistencyToken }: ExecuteOptions = {},
): Promise<GraphQLResult<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables, ...(consistencyToken && { extensions: { consistencyToken } }) }),
  });
  return (await response.json()) as GraphQLResult<Data>;
}

/** Creates a graphql-ws client that connects at once and does not reconnect. */
export const createWebSocketClient = (url: string): Client =>
  createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: getDefaultHeaders(url),
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
  });

/** A caller with its own authorization, over HTTP and WebSocket. */
export interface TestCaller {
  execute<Data = Record<string, unknown>>(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<GraphQLResult<Data>>;
  /** Returns the first result. */
  executeOverWebSocket<Data = Record<string, unknown>>(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<GraphQLResult<Data>>;
  readonly webSocketClient: Client;
}

/** The part of a test platform that a caller needs. */
export interface AuthorizingEndpoint {
  readonly url: string;
  readonly webSocketUrl: string;
  createAuthorization(actor: Actor): Promise<string>;
}

export async function createTestCaller(endpoint: AuthorizingEndpoint, actor: Actor): Promise<TestCaller> {
  const authorization = await endpoint.createAuthorization(actor);
  const webSocketClient = createClient({
    url: endpoint.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  return {
    webSocketClient,
    execute: (query, variables = {}) =>
      executeOperation(endpoint.url, query, variables, { headers: { authorization } }),
    async executeOverWebSocket<Data>(query: string, variables: Record<string, unknown> = {}) {
      for await (const result of webSocketClient.iterate({ query, variables })) {
        return result as GraphQLResult<Data>;
      }
      throw new Error('The operation has no result.');
    },
  };
}

/** The payloads of a subscription so far. */
export interface CollectedPayloads<T> {
  readonly payloads: readonly T[];
  /** Resolves to the first payload, past or future, for which the condition holds. */
  waitFor(condition: (payload: T) => boolean, timeoutMs?: number): Promise<T>;
  unsubscribe(): void;
  /** Resolves when the subscription completes, also after `unsubscribe`; rejects with its error. */
  readonly ended: Promise<void>;
}

const PAYLOAD_TIMEOUT_MS = 20_000;

/** Subscribes and collects the payloads. */
export function collectPayloads<Data>(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
): CollectedPayloads<FormattedExecutionResult<Data>> {
  const payloads: FormattedExecutionResult<Data>[] = [];
  const pendingChecks = new Set<() => void>();
  let unsubscribe: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    unsubscribe = client.subscribe<Data>(
      { query, variables },
      {
        next(payload) {
          payloads.push(payload as FormattedExecutionResult<Data>);
          for (const check of pendingChecks) check();
        },
        error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: resolve,
      },
    );
  });
  ended.catch(() => undefined);
  return {
    payloads,
    ended,
    unsubscribe: () => unsubscribe(),
    waitFor(condition, timeoutMs = PAYLOAD_TIMEOUT_MS) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const payload = payloads.find(condition);
          if (payload === undefined) return;
          stopWaiting();
          resolve(payload);
        };
        const fail = (error: Error) => {
          stopWaiting();
          reject(error);
        };
        const stopWaiting = () => {
          clearTimeout(timer);
          pendingChecks.delete(check);
        };
        const timer = setTimeout(() => {
          fail(new Error(`No such payload within ${timeoutMs} ms. Received: ${JSON.stringify(payloads)}`));
        }, timeoutMs);
        ended.catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
        pendingChecks.add(check);
        check();
      });
    },
  };
}
