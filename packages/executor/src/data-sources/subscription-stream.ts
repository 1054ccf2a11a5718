import type { SecureContext } from 'node:tls';
import type { ForwardedHeaders } from '../shared/operation-context.js';
import { createFetchFailureError, type SubgraphResponse } from './data-source.js';
import { readSubgraphResponse } from './subgraph-response.js';

/** Where the subscriptions of a data source go, and their limits. */
export interface SubscriptionTarget {
  /** The name of the subgraph in messages. */
  readonly name: string;
  readonly url: URL;
  /** The certificates to trust. @default those of Node.js */
  readonly secureContext: SecureContext | undefined;
  /** Time limit in milliseconds until the subgraph is ready to send events. */
  readonly connectTimeoutMs: number;
  /** Maximum size of a message with one event. */
  readonly maxMessageBytes: number;
}

/** One subscription, to be started at a subgraph. */
export interface SubscriptionStart {
  /** The request as JSON: `query`, `operationName` and `variables`. */
  readonly body: string;
  /** Headers that identify the caller. */
  readonly headers: ForwardedHeaders;
  /** Headers that do not influence the events, such as a trace id. */
  readonly traceHeaders: ForwardedHeaders;
  /** What the subscription has received before it was interrupted. The stream keeps it up to date. */
  readonly progress: { lastEventId: string };
  /** Ends the subscription. */
  readonly signal: AbortSignal;
  /** Called when the subgraph is ready to send events. */
  readonly onConnected: () => void;
}

/**
 * Starts a subscription and iterates over its events until it is complete.
 * @throws SubscriptionFailure if it is interrupted or cannot be started; SubgraphSubscriptionError if the subgraph rejects it
 */
export type OpenSubscriptionStream = (start: SubscriptionStart) => AsyncGenerator<SubgraphResponse, void>;

/** Reads the result of one event. An invalid one becomes an error for the clients; later events may be valid. */
export function readEventResponse(name: string, result: unknown): SubgraphResponse {
  try {
    return readSubgraphResponse(result, undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { data: null, errors: [createFetchFailureError(name, { kind: 'invalid-response', reason })] };
  }
}
