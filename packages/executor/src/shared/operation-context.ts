import type { AbortSignalLike } from './light-abort-signal.js';
import type { Logger } from './logger.js';
import type { ExecutionTrace } from './operation-trace.js';

/** HTTP header values by name. */
export type ForwardedHeaders = Readonly<Record<string, string>>;

/** The part of a client request's context that the execution and the data sources use. */
export interface OperationContext {
  /**
   * Returns the headers that identify the caller to every subgraph; called at each fetch. Equal subgraph requests share
   * one response only if these headers are equal.
   */
  readonly headers?: (() => ForwardedHeaders) | undefined;
  /**
   * Returns headers that do not influence a response, such as a trace id. Requests that differ in them may share one
   * response, which is requested with the headers of the first.
   */
  readonly traceHeaders?: (() => ForwardedHeaders) | undefined;
  /**
   * Names the caller, so that data sources can give each caller a share of their connections. Without it, the operation waits
   * for no other operation of its caller.
   */
  readonly fairnessKey?: string | undefined;
  /** Called only when there is something to log. @default the executor's logger */
  readonly logger?: (() => Logger) | undefined;
  /** Called with the `extensions` of each subgraph response. They are not part of the client's response. */
  readonly onExtensions?: ((extensions: Readonly<Record<string, unknown>>) => void) | undefined;
  /** Traces the execution. @default it is not traced */
  readonly trace?: ExecutionTrace | undefined;
  /** Ends the running fetches when the client no longer waits. */
  readonly signal?: AbortSignalLike | undefined;
}
