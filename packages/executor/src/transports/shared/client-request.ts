import type { IncomingHttpHeaders } from 'node:http';
import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { ClientAccess } from '../../shared/client-access.js';
import type { OperationContext } from '../../shared/operation-context.js';
import type { OperationTrace } from '../../shared/operation-trace.js';
import { stringifyJson } from '../../shared/exact-json.js';
import { isOperationError } from '../../shared/errors.js';
import type { AbortSignalLike } from '../../shared/light-abort-signal.js';
import type { OperationLimits } from '../../operations/operation-limits.js';
import type {
  GraphQLRequest,
  PreparedRequest,
  RejectedRequest,
  RequestingClient,
  ValidOperation,
} from '../../operations/request-preparer.js';
import type { ResponsePart } from '../../execution/execute-in-parts.js';
import type { RunningSubscription, Subscriber } from '../../subscriptions/subscriber.js';
import type { SlotPool } from './client-slots.js';
import type { ExpensiveRequestQueue } from './expensive-request-queue.js';
import type { NewOperationQueue } from './new-operation-queue.js';

/** How the results of an operation reach its client. `http`: as one JSON response. `sse`: as server-sent events. */
export type TransportKind = 'http' | 'sse' | 'multipart' | 'websocket';

/** What a transport knows of a client: its address, its headers, and the payload of its WebSocket messages. */
export interface SessionCredentials {
  /**
   * IP address of the connection's other end: of the client, or of a proxy. Undefined if the connection is closed or has no
   * address, as a Unix socket.
   */
  readonly remoteAddress: string | undefined;
  /** Headers of the HTTP request, or of the WebSocket handshake without the handshake's own headers. */
  readonly headers: IncomingHttpHeaders;
  /** WebSocket only: the payload of `connection_init` or of a ping. */
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  /** For `formatError`: what `createSession` returned for the client. Absent if it failed. */
  readonly session?: ClientSession | undefined;
}

/** Identifies a client for one HTTP request, or for all operations of a WebSocket. */
export interface ClientSession {
  /** When subscriptions end with TOKEN_EXPIRED, in milliseconds since 1970. It is read again after a ping. */
  readonly expiresAt?: number | undefined;
  /**
   * Maximum size in bytes of the body of the client's HTTP request, after decompression, and of its WebSocket messages. It
   * cannot exceed the server's limit. @default the server's limit
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Verifies the body of the client's HTTP request, such as a signature over it. Called with the bytes as they were sent,
   * before they are decompressed and parsed. If it throws, the request is rejected. Other methods than POST are rejected
   * with 405, since they have no body.
   */
  readonly verifyBody?: ((body: Uint8Array) => void | Promise<void>) | undefined;
  /**
   * Clients with equal keys have one share of the planning workers: the same for all sessions of one user.
   * @default the share of all clients without a key
   */
  readonly fairnessKey?: string | undefined;
}

/** How a client names the document of its request. */
export interface RequestedDocument {
  /** The text of the document; empty if the client sent an id alone. */
  readonly query: string;
  /**
   * The id of the document, without the prefix `sha256:`: from the parameter `documentId` or the extension
   * `persistedQuery`.
   */
  readonly documentId: string | undefined;
}

/** The slots of a server's clients. A pool that is absent has no limit. */
export interface ClientSlots<Session> {
  /** WebSockets whose client is not identified yet. A refused handshake is answered with the status of the error. */
  readonly handshakes?: SlotPool<SessionCredentials> | undefined;
  /** WebSockets of identified clients. If one is refused, it is closed as after an error of `createSession`. */
  readonly sockets?: SlotPool<Session> | undefined;
  /**
   * Operations from before their request is read until their response is sent, or until their subscription has started.
   * Over HTTP, a response is sent when the client has received it or has disconnected.
   */
  readonly operations?: SlotPool<Session> | undefined;
  /** Running subscriptions. One takes a slot for each 2,048 characters of its request. */
  readonly subscriptions?: SlotPool<Session> | undefined;
}

/** Charges clients for what they send, before it is read. Its methods throw an error for the client to refuse it. */
export interface TrafficMeter<Session> {
  /**
   * Called before a body or a WebSocket message of more than {@link FREE_REQUEST_BYTES} bytes is parsed: when its size is
   * announced, and when decompressed bytes exceed that size. A refused message closes its socket.
   */
  chargeBytes(session: Session, byteCount: number): void;
  /**
   * Called for WebSocket messages that start no operation, such as pings, and for refused operations of a WebSocket, except for 30
   * of them in each keep-alive interval. If it throws, the socket is closed.
   */
  chargeMessage(session: Session): void;
}

/** A request of this size takes little time to parse. It is not charged by its bytes. */
export const FREE_REQUEST_BYTES = 2_048;

/** An operation that a client has sent, before it is parsed. */
export interface ArrivedOperation extends Pick<SessionCredentials, 'headers'> {
  readonly transport: 'http' | 'websocket';
  /** The method of the HTTP request. */
  readonly method?: string | undefined;
  /** WebSocket only: the `extensions` of the client's request. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One prepared operation before it starts. */
export interface ClientRequest<Session extends ClientSession> extends Pick<SessionCredentials, 'headers'> {
  readonly transport: TransportKind;
  /** The session that `createSession` returned for the client. */
  readonly session: Session;
  /** The operation with its variables, as `Executor.prepare` returned it. */
  readonly request: PreparedRequest;
  /** The `extensions` of the client's request. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** What `startTrace` has returned. */
  readonly trace?: OperationTrace | undefined;
  /** Aborted when the client disconnects or completes the operation. */
  readonly signal: AbortSignalLike;
}

/** A valid operation that a client wants to run. */
export interface OperationToAuthorize<Session extends ClientSession> {
  /** The session that `createSession` returned for the client. */
  readonly session: Session;
  readonly operation: ValidOperation;
  /** The `extensions` of the client's request. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Additions of a hook to the response of a query or mutation. */
export interface ResponseAdditions {
  /** Added to the `extensions` of the response. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Sent with JSON responses only. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Functions of the server that all transports call. A hook rejects a request by throwing an error with
 * `extensions.code`. The client receives that error; over HTTP with the status and headers in `extensions.http`, or
 * with the status of its code. Any other error is logged and masked.
 */
export interface TransportHooks<Context extends OperationContext, Session extends ClientSession> {
  /**
   * Identifies the client. Called for each HTTP request, for `connection_init`, and for each later ping with a payload:
   * a client sends a new token that way. If it throws, a WebSocket is closed, with the message of the error as its reason (at most
   * 123 bytes): with 4403 for the statuses 401 and 403, with 1013 (the client connects again) for 429 and 503, and with 4500
   * otherwise.
   * @param previous on a ping: the session so far. Return the same object, changed, if running operations must see the
   *   change.
   */
  readonly createSession: (request: SessionCredentials, previous?: Session) => Session | Promise<Session>;
  /**
   * Starts the trace of an operation. Called when its HTTP request or its WebSocket message has arrived. The client request of
   * `createContext` has the result: put it into the context. @default operations are not traced
   */
  readonly startTrace?: ((operation: ArrivedOperation) => OperationTrace | undefined) | undefined;
  /** Limits what a client holds at the same time. */
  readonly slots?: ClientSlots<Session> | undefined;
  /** Charges clients for what they send. */
  readonly traffic?: TrafficMeter<Session> | undefined;
  /**
   * Called when a document is rejected: it cannot be parsed, is invalid, exceeds a limit, or has wrong variables. It is not called
   * if the server is the cause: it is overloaded or has a fault. Nor is it for a request that is refused before it is parsed.
   */
  readonly onRejectedDocument?: (session: Session, query: string) => void;
  /**
   * Finds the text of the document that a client requests, or refuses it. Called before the text is read. Without a
   * result, the request is one of automatic persisted queries, or has the text itself.
   */
  readonly resolveDocument?: (document: RequestedDocument, session: Session) => string | undefined;
  /** Whether a client may register documents as automatic persisted queries. @default every client may */
  readonly mayRegisterDocument?: (session: Session) => boolean;
  /**
   * Decides whether the client may run an operation with these root fields. Called before a document is validated, because
   * validation is expensive. It is not called for operations that are known: `authorize` decides.
   */
  readonly authorizeRootFields?: (session: Session, rootFieldNames: readonly string[]) => void;
  /**
   * Decides whether the client may run an operation. Called after the operation is validated and before it is planned:
   * planning is expensive.
   */
  readonly authorize?: (request: OperationToAuthorize<Session>) => void;
  /**
   * What the client may access, for the authorization directives of the supergraph. Called for each operation: return the same
   * object each time. @default nothing that has such a directive
   */
  readonly getAccess?: (session: Session) => ClientAccess | undefined;
  /** Creates the context of one operation. The context should carry the client request's `signal`. */
  readonly createContext: (clientRequest: ClientRequest<Session>) => Context | Promise<Context>;
  /**
   * Called with the result of each query and mutation. If its response has parts, called with the first part, and again with the last
   * one: extensions that have changed since are added to it.
   */
  readonly onResponse?: (
    context: Context,
    result: FormattedExecutionResult,
    clientRequest: ClientRequest<Session>,
  ) => ResponseAdditions | undefined;
  /** Formats an error that prevents an operation from starting, or ends a stream. @default error.toJSON() */
  readonly formatError?: (error: GraphQLError, request: SessionCredentials) => GraphQLFormattedError;
  /** HTTP statuses of the server's own error codes. */
  readonly statuses?: Readonly<Record<string, number>>;
}

/**
 * The part of an executor that transports use. Its methods never throw or reject, unless the client's methods throw: errors are
 * part of the results.
 */
export interface GraphQLEngine<Context extends OperationContext> {
  /** Requests that certainly exceed these limits are refused before they are parsed. */
  readonly operationLimits: OperationLimits;
  /** Whether the operation of a request need not be parsed and validated. */
  isKnown(request: GraphQLRequest): boolean;
  prepare(
    request: GraphQLRequest,
    client?: RequestingClient,
  ): PreparedRequest | RejectedRequest | Promise<PreparedRequest | RejectedRequest>;
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  executeInParts(request: PreparedRequest, context: Context): AsyncGenerator<ResponsePart, void>;
  /** @param after the cursor after which the subscription resumes; it replaces that of the operation */
  subscribe(
    request: PreparedRequest,
    context: Context,
    subscriber: Subscriber,
    after?: string,
  ): RunningSubscription;
}

/** The hooks that authorize a client. */
export type HookedClientHooks<Session extends ClientSession> = Pick<
  TransportHooks<OperationContext, Session>,
  'authorize' | 'authorizeRootFields' | 'getAccess' | 'onRejectedDocument'
>;

/** The client of one request, as the hooks authorize it. It is a class, because each request has one. */
export class HookedClient<Session extends ClientSession> implements RequestingClient {
  constructor(
    private readonly hooks: HookedClientHooks<Session>,
    private readonly session: Session,
    private readonly extensions: Readonly<Record<string, unknown>>,
    readonly signal: AbortSignalLike,
    private readonly trace?: OperationTrace | undefined,
  ) {}

  get fairnessKey(): string | undefined {
    return this.session.fairnessKey;
  }

  get access(): ClientAccess | undefined {
    return this.hooks.getAccess?.(this.session);
  }

  authorizeRootFields(rootFieldNames: readonly string[]): void {
    this.hooks.authorizeRootFields?.(this.session, rootFieldNames);
  }

  authorize(operation: ValidOperation): void {
    this.trace?.setOperation(operation.operation, operation.document);
    this.hooks.authorize?.({ session: this.session, operation, extensions: this.extensions });
  }

  startPlanning(): (() => void) | undefined {
    return this.trace?.startPlanning();
  }

  reportRejectedDocument(query: string): void {
    this.hooks.onRejectedDocument?.(this.session, query);
  }
}

/**
 * Prepares the operation of a request. A new document waits for its turn.
 * @returns a promise if the operation must wait, or be planned first
 * @throws AggregateError with all errors of a rejected request; what the client throws. Also as a rejection
 */
export function prepareOrThrow<Context extends OperationContext, Session extends ClientSession>(
  engine: GraphQLEngine<Context>,
  request: GraphQLRequest,
  client: HookedClient<Session>,
  expensiveRequests: ExpensiveRequestQueue,
): PreparedRequest | Promise<PreparedRequest> {
  const prepared = engine.isKnown(request)
    ? engine.prepare(request, client)
    : expensiveRequests.run(client.fairnessKey, request.query.length, () => engine.prepare(request, client));
  return prepared instanceof Promise
    ? prepared.then((awaited) => assertAccepted(awaited, request, client))
    : assertAccepted(prepared, request, client);
}

function assertAccepted<Session extends ClientSession>(
  prepared: PreparedRequest | RejectedRequest,
  { query }: GraphQLRequest,
  client: HookedClient<Session>,
): PreparedRequest {
  if ('errors' in prepared) {
    if (prepared.errors.some(isOperationError)) client.reportRejectedDocument(query);
    throw new AggregateError(prepared.errors);
  }
  return prepared;
}

/** The result of a query or mutation, with the HTTP headers that the hooks added. */
export interface ClientResponse {
  readonly result: FormattedExecutionResult;
  readonly headers: Readonly<Record<string, string>>;
}

const NO_HEADERS = {};

/**
 * Executes a query or mutation with the context of the hooks, and adds their response extensions and headers. A new operation waits
 * if its client executes several.
 * @throws whatever the hooks throw
 */
export function executeClientRequest<Context extends OperationContext, Session extends ClientSession>(
  engine: GraphQLEngine<Context>,
  hooks: TransportHooks<Context, Session>,
  clientRequest: ClientRequest<Session>,
  newOperations: NewOperationQueue,
): Promise<ClientResponse> {
  if (!clientRequest.request.isNew) return executeNow(engine, hooks, clientRequest);
  const { fairnessKey } = clientRequest.session;
  return newOperations.run(fairnessKey, () => executeNow(engine, hooks, clientRequest));
}

async function executeNow<Context extends OperationContext, Session extends ClientSession>(
  engine: GraphQLEngine<Context>,
  hooks: TransportHooks<Context, Session>,
  clientRequest: ClientRequest<Session>,
): Promise<ClientResponse> {
  // Awaiting a plain value costs a turn of the microtask queue for every request.
  const created = hooks.createContext(clientRequest);
  const context = created instanceof Promise ? await created : created;
  const result = await engine.execute(clientRequest.request, context);
  const { extensions, headers = NO_HEADERS } = hooks.onResponse?.(context, result, clientRequest) ?? {};
  if (!extensions) return { result, headers };
  return { result: { ...result, extensions: { ...result.extensions, ...extensions } }, headers };
}

/** A response in parts, with the HTTP headers that the hooks added. */
export interface ClientResponseInParts {
  readonly first: ResponsePart;
  /** Ending the iteration ends the execution. */
  readonly others: AsyncGenerator<ClientPart, void>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A part after the first one. */
export interface ClientPart {
  readonly part: ResponsePart;
  /** Added by the hooks. */
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Executes a query or mutation in parts, with the context of the hooks, and adds their response extensions and headers. A new
 * operation waits if its client executes several.
 * @returns when the first part is complete
 * @throws whatever the hooks throw
 */
export function executeClientRequestInParts<Context extends OperationContext, Session extends ClientSession>(
  engine: GraphQLEngine<Context>,
  hooks: TransportHooks<Context, Session>,
  clientRequest: ClientRequest<Session>,
  newOperations: NewOperationQueue,
): Promise<ClientResponseInParts> {
  if (!clientRequest.request.isNew) return executeFirstPart(engine, hooks, clientRequest);
  const { fairnessKey } = clientRequest.session;
  return newOperations.run(fairnessKey, () => executeFirstPart(engine, hooks, clientRequest));
}

async function executeFirstPart<Context extends OperationContext, Session extends ClientSession>(
  engine: GraphQLEngine<Context>,
  hooks: TransportHooks<Context, Session>,
  clientRequest: ClientRequest<Session>,
): Promise<ClientResponseInParts> {
  const context = await hooks.createContext(clientRequest);
  const parts = engine.executeInParts(clientRequest.request, context);
  try {
    const { value: first } = await parts.next();
    if (!first?.result) throw new Error('The response has no first part.');
    const { extensions, headers = NO_HEADERS } =
      hooks.onResponse?.(context, first.result, clientRequest) ?? {};
    const result = extensions
      ? { ...first.result, extensions: { ...first.result.extensions, ...extensions } }
      : first.result;
    const getLastExtensions = () => hooks.onResponse?.(context, {}, clientRequest)?.extensions;
    return {
      first: { ...first, result },
      others: addLastExtensions(parts, extensions, getLastExtensions),
      headers,
    };
  } catch (error) {
    await parts.return();
    throw error;
  }
}

async function* addLastExtensions(
  parts: AsyncGenerator<ResponsePart, void>,
  sent: Readonly<Record<string, unknown>> = {},
  getLast: () => Readonly<Record<string, unknown>> | undefined,
): AsyncGenerator<ClientPart, void> {
  for await (const part of parts) {
    const changed = Object.entries((part.hasNext ? undefined : getLast()) ?? {}).filter(
      ([name, value]) => stringifyJson(value) !== stringifyJson(sent[name]),
    );
    yield { part, extensions: changed.length > 0 ? Object.fromEntries(changed) : undefined };
  }
}
