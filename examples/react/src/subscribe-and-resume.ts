import type { Client, FormattedExecutionResult, Sink } from 'graphql-ws';

/** With these codes the gateway ends a subscription that is to be made again. */
const AGAIN: readonly unknown[] = [
  'SERVER_SHUTTING_DOWN',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_EXPIRED',
  'SUBSCRIPTION_SCHEMA_RELOAD',
  'SUBGRAPH_UNAVAILABLE',
  'CURSOR_TOO_OLD',
];
const WAIT_MS = 1_000;

/**
 * Subscribes with a client of graphql-ws, and goes on after the last payload that was seen, whatever ends it in between.
 * @param query with the variable `after`
 * @returns what ends it
 */
export function subscribeAndResume<Data>(
  client: Client,
  query: string,
  sink: Sink<FormattedExecutionResult<Data, { cursor?: string }>>,
  given: Record<string, unknown> = {},
): () => void {
  const variables = { ...given };
  let stop: () => void = () => undefined;
  const subscribe = () => {
    stop = client.subscribe<Data, { cursor?: string }>(
      { query, variables },
      {
        next(result) {
          // The client sends these variables again, as they are then, when it has reconnected.
          if (result.extensions?.cursor !== undefined) variables['after'] = result.extensions.cursor;
          sink.next(result);
        },
        error(error) {
          const code = (error as { extensions?: { code?: string } }[])[0]?.extensions?.code;
          if (code === 'CURSOR_TOO_OLD') delete variables['after'];
          if (!AGAIN.includes(code)) {
            sink.error(error);
            return;
          }
          const timer = setTimeout(subscribe, WAIT_MS);
          stop = () => clearTimeout(timer);
        },
        complete: () => sink.complete(),
      },
    );
  };
  subscribe();
  return () => stop();
}
