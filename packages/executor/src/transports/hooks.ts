import type { IncomingHttpHeaders } from 'node:http';
import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { OperationContext } from '../data-sources/data-source.js';
import type { AbortSignalLike } from '../data-sources/light-abort-signal.js';
import type { PreparedRequest } from '../operations/request-preparer.js';

export type TransportKind = 'http' | 'sse' | 'multipart' | 'websocket';

/** What somebody brings who wants in. */
export interface SessionRequest {
  /** Of the HTTP request; on a WebSocket, of its handshake, but for those that are about the handshake itself. */
  readonly headers: IncomingHttpHeaders;
  /** WebSocket only: the payload of `connection_init`, or of a ping. */
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}

/** Who is there, and what is kept of them: over all operations of a WebSocket, or over one HTTP request. */
export interface ClientSession {
  /** In ms since 1970: subscriptions are ended then, with TOKEN_EXPIRED. Read again after a ping. */
  readonly expiresAt?: number | undefined;
}

/** One operation, prepared, before it begins. */
export interface ClientRequest<S extends ClientSession> {
  /** Of the HTTP request; on a WebSocket, of its handshake, but for those that are about the handshake itself. */
  readonly headers: IncomingHttpHeaders;
  readonly transport: TransportKind;
  readonly session: S;
  readonly request: PreparedRequest;
  /** Those that the client sent beside the operation. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Aborted when the client is gone, or wants the operation no more. */
  readonly signal: AbortSignalLike;
}

/** What is added to the answer of a query or mutation. */
export interface ResponseAdditions {
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Over plain HTTP; there is no place for them elsewhere. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What the transports ask of whoever serves with them, the same on all. Whatever is thrown with `extensions.code` is told
 * to the client, with the HTTP status and headers in `extensions.http` or the status that goes with the code; all else is
 * masked.
 */
export interface TransportHooks<Context extends OperationContext, S extends ClientSession> {
  /**
   * Called for each HTTP request, for `connection_init`, and for each later ping that has a payload: a client brings a new
   * token with it on the living socket. Throws to refuse. A WebSocket is closed then: with 4403 where the error's status
   * is 401 or 403, with 1013 (clients come back) where it is 503.
   * @param before on a ping: the session so far, to be given back where operations that run are to know of the change
   */
  readonly createSession: (opening: SessionRequest, before?: S) => S | Promise<S>;
  /** Called for each operation. Throws to refuse it. The context is to carry the call's signal. */
  readonly createContext: (call: ClientRequest<S>) => Context | Promise<Context>;
  /** Called with what a query or mutation has come to. */
  readonly onResponse?: (
    context: Context,
    result: FormattedExecutionResult,
    call: ClientRequest<S>,
  ) => ResponseAdditions | undefined;
  /** The last word on what a client sees of an error that is not among an executed operation's. */
  readonly formatError?: (error: GraphQLError, opening: SessionRequest) => GraphQLFormattedError;
  /** HTTP statuses of codes that are the server's own. */
  readonly statuses?: Readonly<Record<string, number>>;
}
