import type { Client, FormattedExecutionResult, Sink } from 'graphql-ws';

/** The gateway ends a subscription with one of these codes when the client should subscribe again. */
export const RETRYABLE_ERROR_CODES: readonly unknown[] = [
  'SERVER_SHUTTING_DOWN',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_EXPIRED',
  'SUBSCRIPTION_SCHEMA_RELOAD',
  'SUBGRAPH_UNAVAILABLE',
  'CURSOR_TOO_OLD',
  'RATE_LIMITED',
];
const RETRY_DELAY_MS = 1_000;

interface ErrorExtensions {
  readonly code?: string;
  /** Seconds until the caller's allowance covers the subscription again. */
  readonly retryAfter?: number;
}

/**
 * Subscribes with a graphql-ws client. After an interruption it subscribes again and resumes after the last received
 * payload. With an empty `after` it asks for a cursor before the first payload.
 * @param query a subscription with the variable `after`
 * @returns a function that ends the subscription
 */
export function subscribeAndResume<Data>(
  client: Client,
  query: string,
  sink: Sink<FormattedExecutionResult<Data, { cursor?: string }>>,
  initialVariables: Record<string, unknown> = {},
): () => void {
  const variables: Record<string, unknown> = { after: '', ...initialVariables };
  let stop: () => void = () => undefined;
  const subscribe = () => {
    stop = client.subscribe<Data, { cursor?: string }>(
      { query, variables },
      {
        next(result) {
          // After a reconnection the client sends this same object again, with the changed value.
          if (result.extensions?.cursor !== undefined) variables['after'] = result.extensions.cursor;
          // The payload with the first cursor has no data.
          if (result.data !== null || result.errors) sink.next(result);
        },
        error(error) {
          const { code, retryAfter } = (error as { extensions?: ErrorExtensions }[])[0]?.extensions ?? {};
          if (code === 'CURSOR_TOO_OLD') variables['after'] = '';
          if (!RETRYABLE_ERROR_CODES.includes(code)) {
            sink.error(error);
            return;
          }
          const delayMs = retryAfter === undefined ? RETRY_DELAY_MS : retryAfter * 1_000;
          const timer = setTimeout(subscribe, delayMs);
          stop = () => clearTimeout(timer);
        },
        complete: () => sink.complete(),
      },
    );
  };
  subscribe();
  return () => stop();
}
