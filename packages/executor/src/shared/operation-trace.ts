import type { DocumentNode, OperationDefinitionNode } from 'graphql';

/*
 * How a server traces operations, for example with OpenTelemetry. The executor calls these methods and knows nothing else of tracing.
 * Methods must not throw.
 */

/** A subgraph request that is traced. */
export interface TracedFetch {
  /** The name of the subgraph. */
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  readonly operationName: string | undefined;
  /** Number of requested entities; `undefined` if the request is for none. */
  readonly entityCount: number | undefined;
}

/** The trace of one subgraph request. */
export interface FetchTrace {
  /** Sent to the subgraph, such as `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * @param errorCode `extensions.code` of the first error in the response; `undefined` if it has no errors
   * @param instance URL of the instance that has responded, or has failed last; `undefined` if the subgraph has only one
   */
  end(errorCode: string | undefined, instance: string | undefined): void;
}

/** What an execution does that is traced. */
export interface ExecutionTrace {
  /** Called before a request is sent to a subgraph. One that waits for an equal request in flight is not traced. */
  startFetch(fetch: TracedFetch): FetchTrace;
  /**
   * Called for an event of a subscription that has a trace context. Its execution is part of the event's trace.
   * @param traceparent see `SourceEvent.traceparent`
   * @param field the subscription field
   */
  startEvent(traceparent: string, field: string): EventTrace;
}

/** The trace of one event of a shared subscription. */
export interface EventTrace extends ExecutionTrace {
  /** Called when the payload is sent. @param subscribers how many have received it, or it waits for their connection */
  end(subscribers: number): void;
}

/** The trace of one operation of a client, from its request to its response. */
export interface OperationTrace extends ExecutionTrace {
  /** Called when the operation is known and valid. */
  setOperation(operation: OperationDefinitionNode, document: DocumentNode): void;
  /** Called if the operation has no plan yet. @returns a function that is called when it is planned, or rejected */
  startPlanning(): () => void;
  /** The last call: the response is complete, or the subscription has started. */
  end(outcome: OperationOutcome): void;
}

/** How an operation has ended. */
export interface OperationOutcome {
  /** The status of an HTTP response. */
  readonly status?: number;
  /** Why there is no response: what a hook threw, or an AggregateError with the errors of the request. */
  readonly error?: unknown;
}
