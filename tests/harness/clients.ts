import { createClient, type Client, type FormattedExecutionResult } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphQLAnswer<Data = Record<string, unknown>> {
  readonly data?: Data | null;
  readonly extensions?: { readonly consistencyToken?: string };
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** What clients of an endpoint send to be known, by its host: {@link authorise}. */
const authorisations = new Map<string, string>();

/** From now on the clients of this harness are whoever this is, where they ask there and do not say anything else. */
export const authorise = (url: string, authorization: string): void =>
  void authorisations.set(new URL(url).host, authorization);

/** The headers that say who asks. */
export function authorised(url: string): Record<string, string> {
  const authorization = authorisations.get(new URL(url).host);
  return authorization === undefined ? {} : { authorization };
}

export interface AskOptions {
  /** Who asks. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The state that the operation must see. */
  readonly token?: string | undefined;
}

/** One operation over HTTP. */
export async function ask<Data = Record<string, unknown>>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  { headers = authorised(url), token }: AskOptions = {},
): Promise<GraphQLAnswer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables, ...(token && { extensions: { consistencyToken: token } }) }),
  });
  return (await response.json()) as GraphQLAnswer<Data>;
}

/** graphql-ws's own client, over ws. */
export const socketClient = (url: string): Client =>
  createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: authorised(url),
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
  });

/** What a subscription has received so far, and a way to wait for more. */
export interface Received<T> {
  readonly values: readonly T[];
  /** Resolves to the first value, received already or yet to come, that the test holds for. */
  first(test: (value: T) => boolean, timeoutMs?: number): Promise<T>;
  stop(): void;
  /** Rejects with what ended the subscription, if not `stop`. */
  readonly ended: Promise<void>;
}

/** Subscribes and collects payloads; `stop` ends it. */
export function collect<Data>(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
): Received<FormattedExecutionResult<Data>> {
  const values: FormattedExecutionResult<Data>[] = [];
  const waiting = new Set<() => void>();
  let stop: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    stop = client.subscribe<Data>(
      { query, variables },
      {
        next(value) {
          values.push(value as FormattedExecutionResult<Data>);
          for (const check of waiting) check();
        },
        error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: resolve,
      },
    );
  });
  ended.catch(() => undefined);
  return {
    values,
    ended,
    stop: () => stop(),
    first(test, timeoutMs = 20_000) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const value = values.find(test);
          if (value !== undefined) settle(() => resolve(value));
        };
        const settle = (done: () => void) => {
          clearTimeout(timer);
          waiting.delete(check);
          done();
        };
        const timer = setTimeout(() => {
          settle(() =>
            reject(new Error(`not received in ${timeoutMs} ms; received: ${JSON.stringify(values)}`)),
          );
        }, timeoutMs);
        ended.catch((error: unknown) =>
          settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
        waiting.add(check);
        check();
      });
    },
  };
}
