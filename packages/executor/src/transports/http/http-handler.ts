import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { OperationTypeNode, type FormattedExecutionResult } from 'graphql';
import type { PreparedRequest, ValidOperation } from '../../operations/request-preparer.js';
import type { OperationContext } from '../../shared/operation-context.js';
import type { OperationTrace } from '../../shared/operation-trace.js';
import { createShutdownError } from '../../shared/errors.js';
import { stringifyJson } from '../../shared/exact-json.js';
import type { AbortSignalLike } from '../../shared/light-abort-signal.js';
import type { RunningSubscription, Subscriber, SubscriptionEnd } from '../../subscriptions/subscriber.js';
import {
  createHttpError,
  createTokenExpiredError,
  type ErrorResponder,
  type ErrorResponse,
} from '../shared/error-responses.js';
import {
  executeClientRequest,
  executeClientRequestInParts,
  FREE_REQUEST_BYTES,
  HookedClient,
  prepareOrThrow,
  type GraphQLEngine,
  type HookedClientHooks,
  type ClientRequest,
  type ClientSession,
  type SessionCredentials,
  type TransportHooks,
} from '../shared/client-request.js';
import { countSubscriptionSlots, HeldSlot } from '../shared/client-slots.js';
import { createTooManyConnectionsError, type OpenConnections } from '../shared/open-connections.js';
import { scheduleAt } from '../../shared/timers.js';
import type { ExpensiveRequestQueue } from '../shared/expensive-request-queue.js';
import type { MessageTurns } from '../shared/message-turns.js';
import type { NewOperationQueue } from '../shared/new-operation-queue.js';
import type { PersistedDocuments } from '../shared/persisted-documents.js';
import { createRequestJsonParser } from '../shared/request-json.js';
import type { ResolvedTransportLimits } from '../shared/transport-limits.js';
import {
  canExceedFreeBytes,
  createAcceptParser,
  isFromOwnPage,
  isFromScript,
  readLastEventId,
  requirePreflight,
  parseBodyParameters,
  readBody,
  readSearchParameters,
  type AcceptedFormats,
  type ByteCharge,
  type JsonMediaType,
  type PartsFormat,
  type RequestParameters,
  type StreamKind,
} from './http-request.js';
import { HttpOperation, isDisconnected, onceClosed, untilWritable } from './http-operation.js';
import {
  createResponseCompressor,
  type ResponseCoding,
  type ResponseCompressor,
} from './response-compression.js';
import { formatResponsePart } from './response-part-formats.js';
import { createPartsFormat, multipart, openResultStream, serverSentEvents } from './result-stream.js';

export interface HttpHandlerOptions<Context extends OperationContext, Session extends ClientSession> {
  readonly engine: GraphQLEngine<Context>;
  readonly hooks: TransportHooks<Context, Session>;
  readonly errorResponder: ErrorResponder;
  readonly documents: PersistedDocuments<Session>;
  readonly limits: ResolvedTransportLimits;
  readonly connections: OpenConnections;
  readonly messageTurns: MessageTurns;
  readonly expensiveRequests: ExpensiveRequestQueue;
  readonly newOperations: NewOperationQueue;
  /** Whether a GET request with the header `Origin` comes from a page that may read responses. */
  readonly mayReadAcrossOrigins: (request: IncomingMessage) => boolean;
  /** Returns the HTML page for a browser that opens the endpoint, and may set headers of its response. */
  readonly landingPage: ((response: ServerResponse) => string) | undefined;
}

/** A request, and what is known of it and its client. */
interface HttpExchange<Session extends ClientSession> extends SessionCredentials {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly accepted: AcceptedFormats;
  /** Set once the client is identified. */
  session: Session | undefined;
  operation: HttpOperation<Session> | undefined;
  readonly trace: OperationTrace | undefined;
}

/** A request that is parsed and prepared. */
interface ReadRequest {
  readonly parameters: RequestParameters;
  /** A promise while the operation is planned. */
  readonly planned: PreparedRequest | Promise<PreparedRequest>;
}

/**
 * Serves GraphQL over HTTP. Responses are JSON; subscriptions, and other operations of clients that accept no JSON, are
 * answered with a stream of results.
 * @see https://graphql.github.io/graphql-over-http/draft/
 */
export function createHttpHandler<Context extends OperationContext, Session extends ClientSession>(
  options: HttpHandlerOptions<Context, Session>,
): RequestListener {
  const { engine, hooks, errorResponder, documents, limits, connections, landingPage } = options;
  const { messageTurns, expensiveRequests, newOperations } = options;
  const { slots, traffic } = hooks;
  /** Whether no page of another origin can have sent a GET request, so that it needs no preflight. */
  const isSafeRead = (request: IncomingMessage, accepted: AcceptedFormats): boolean =>
    request.headers.origin === undefined
      ? isFromOwnPage(request.headers) || isFromScript(request.headers, accepted)
      : options.mayReadAcrossOrigins(request);
  const parseAcceptHeader = createAcceptParser();
  const parseJson = createRequestJsonParser(engine.operationLimits, 1);
  const compressor = createResponseCompressor(limits.minCompressedBytes);

  const openStream = (response: ServerResponse, kind: StreamKind): Subscriber =>
    kind === 'sse'
      ? openResultStream(response, serverSentEvents, limits.keepAliveMs)
      : openResultStream(response, multipart, limits.heartbeatMs);

  const sendStreamedResult = (
    response: ServerResponse,
    kind: StreamKind,
    result: FormattedExecutionResult,
  ) => {
    const stream = openStream(response, kind);
    stream.next({ json: stringifyJson(result) });
    stream.end({});
  };

  /** @throws GraphQLError if no connection is available; what the slots of the client throw */
  const serveSubscription = (
    exchange: HttpExchange<Session>,
    kind: StreamKind,
    { session, request: prepared }: ClientRequest<Session>,
    subscribe: (subscriber: Subscriber) => RunningSubscription,
  ) => {
    const { request, response } = exchange;
    if (request.socket.destroyed) return;
    if (connections.isClosing) throw createShutdownError();
    if (connections.isFull) throw createTooManyConnectionsError();
    const slotCount = countSubscriptionSlots(prepared.originalRequest);
    const slot = new HeldSlot(slots?.subscriptions, session, slotCount);
    const stream = openStream(response, kind);
    // Not a constant: the subscription may end before `subscribe` returns.
    let running: RunningSubscription | undefined = undefined;
    const end = (how: SubscriptionEnd) => {
      running?.unsubscribe();
      stream.end(how);
    };
    const endWithError = (error: Error) => end(errorResponder.createErrorResponse(error, exchange));
    const connection = { shutDown: () => endWithError(createShutdownError()) };
    connections.add(connection);
    const cancelExpiry = scheduleAt(session.expiresAt, () => endWithError(createTokenExpiredError()));
    onceClosed(request, response, () => {
      cancelExpiry();
      connections.delete(connection);
      running?.unsubscribe();
      slot.release();
    });
    running = subscribe({
      next: (payload) => stream.next(payload),
      end,
      get unsentBytes() {
        return stream.unsentBytes;
      },
    });
  };

  /**
   * Sends the parts of a response. The next part is put together when the client has read the one before it.
   * @throws what the hooks throw, before the response begins
   */
  const serveInParts = async (
    exchange: HttpExchange<Session>,
    { stream: kind, spec }: PartsFormat,
    clientRequest: ClientRequest<Session>,
  ) => {
    const { request, response } = exchange;
    const { first, others, headers } = await executeClientRequestInParts(
      engine,
      hooks,
      clientRequest,
      newOperations,
    );
    const format = kind === 'sse' ? serverSentEvents : createPartsFormat(spec);
    const stream = openResultStream(response, format, limits.keepAliveMs, headers);
    stream.next({ json: stringifyJson(formatResponsePart(first, spec)) });
    try {
      await untilWritable(request, response);
      for await (const { part, extensions } of others) {
        const json = stringifyJson({ ...formatResponsePart(part, spec), ...(extensions && { extensions }) });
        stream.next({ json });
        await untilWritable(request, response);
        // The client has disconnected: leaving the loop ends the execution.
        if (isDisconnected(request, response)) return;
      }
      stream.end({});
    } catch (error) {
      // The status is sent. The client sees that the response is not complete.
      errorResponder.createErrorResponse(error, exchange);
      response.destroy();
    }
  };

  /** Undefined if the body of the request is certainly small, or its sender is known only when it is read. */
  const createByteCharge = (request: IncomingMessage, session: Session): ByteCharge | undefined =>
    traffic && !session.verifyBody && canExceedFreeBytes(request)
      ? (byteCount) => traffic.chargeBytes(session, byteCount)
      : undefined;

  /** Rejects with an error for the client if the body is refused. */
  const receiveBody = async (request: IncomingMessage, session: Session): Promise<Buffer> => {
    const maxBytes = Math.min(session.maxBodyBytes ?? Infinity, limits.maxMessageBytes);
    const body = await readBody(request, maxBytes, session.verifyBody, createByteCharge(request, session));
    // Before, the sender was unknown.
    if (session.verifyBody && body.length > FREE_REQUEST_BYTES)
      traffic?.chargeBytes(session, body.length - FREE_REQUEST_BYTES);
    return body;
  };

  /**
   * Parses a request and prepares its operation.
   * @param source the body, or the query string of a GET request
   * @throws an error for the client if the request is refused
   */
  const readRequest = (
    source: Buffer | URLSearchParams,
    session: Session,
    { stream, parts }: AcceptedFormats,
    { signal }: HttpOperation<Session>,
    trace: OperationTrace | undefined,
  ): ReadRequest => {
    const isGet = source instanceof URLSearchParams;
    const parameters = isGet ? readSearchParameters(source) : parseBodyParameters(source, parseJson);
    const query = documents.resolve(parameters, session);
    const { extensions } = parameters;
    const acceptsStream = stream !== undefined;
    const acceptsParts = parts !== undefined;
    const client = new HttpClient(
      hooks,
      session,
      extensions,
      signal,
      trace,
      isGet,
      acceptsStream,
      acceptsParts,
    );
    const resolved = query === parameters.query ? parameters : { ...parameters, query };
    return { parameters, planned: prepareOrThrow(engine, resolved, client, expensiveRequests) };
  };

  /** @throws an error for the client if the request cannot be served */
  const serve = async (exchange: HttpExchange<Session>) => {
    const { request, response, headers, accepted, trace } = exchange;
    const { method } = request;
    if (method !== 'GET' && method !== 'POST') throw createMethodNotAllowedError('GET, POST');
    const search = method === 'GET' ? getSearchParams(request) : undefined;
    if (landingPage && accepted.html && search && !namesDocument(search)) {
      sendPage(response, landingPage(response));
      return;
    }
    if (!search || !isSafeRead(request, accepted)) requirePreflight(headers);
    if (!accepted.json && !accepted.stream && !accepted.parts) throw createNotAcceptableError();
    const created = hooks.createSession(exchange);
    const session = created instanceof Promise ? await created : created;
    exchange.session = session;
    if (search && session.verifyBody) throw createMethodNotAllowedError('POST');
    // The client has disconnected. No event would end its operation.
    if (request.socket.destroyed) return;
    const operation = (exchange.operation = new HttpOperation(response, slots?.operations, session));
    const source = search ?? (await receiveBody(request, session));
    const bytes = source instanceof URLSearchParams ? (request.url ?? '').length : source.length;
    const reading =
      bytes <= FREE_REQUEST_BYTES
        ? readRequest(source, session, accepted, operation, trace)
        : expensiveRequests.run(session.fairnessKey, bytes, () =>
            response.destroyed ? undefined : readRequest(source, session, accepted, operation, trace),
          );
    const read = reading instanceof Promise ? await reading : reading;
    // The client has disconnected while its request waited.
    if (!read) return;
    const { parameters, planned } = read;
    const { extensions } = parameters;
    const prepared = planned instanceof Promise ? await planned : planned;
    documents.register(parameters, session);
    // The client may have disconnected while its operation was planned.
    if (response.destroyed) return;

    const { json, parts } = accepted;
    const isSubscription = prepared.operation.operation === OperationTypeNode.SUBSCRIPTION;
    // A client that accepts nothing but parts receives each response in one.
    const isInParts =
      !isSubscription && (prepared.compiledOperation.deferral !== undefined || (!json && !accepted.stream));
    // A client that accepts no JSON receives the one result of a query in a stream.
    const stream = isSubscription || !json ? accepted.stream : undefined;
    const clientRequest: ClientRequest<Session> = {
      headers,
      transport: (isInParts ? parts?.stream : stream) ?? 'http',
      session,
      request: prepared,
      extensions,
      trace,
      signal: operation.signal,
    };
    if (isSubscription && stream) {
      const context = await hooks.createContext(clientRequest);
      // An EventSource opens its stream again after the last event that it has received.
      const after = stream === 'sse' ? readLastEventId(headers) : undefined;
      serveSubscription(exchange, stream, clientRequest, (subscriber) =>
        engine.subscribe(prepared, context, subscriber, after),
      );
      operation.endBeforeResponse();
      return;
    }
    if (isInParts && parts) {
      await serveInParts(exchange, parts, clientRequest);
      return;
    }
    const { result, headers: addedHeaders } = await executeClientRequest(
      engine,
      hooks,
      clientRequest,
      newOperations,
    );
    if (stream) sendStreamedResult(response, stream, result);
    else if (json) {
      const status = result.data === undefined ? errorResponder.getStatus(result.errors ?? []) : 200;
      sendJson(exchange, compressor, status, json, result, addedHeaders);
    }
  };

  const sendError = (exchange: HttpExchange<Session>, thrown: unknown) => {
    const { response, accepted } = exchange;
    const errorResponse = errorResponder.createErrorResponse(thrown, exchange);
    if (response.headersSent || response.destroyed) return;
    const { json, stream } = accepted;
    // A client that accepts event streams only receives the errors of an operation in one.
    if (errorResponse.isOperationError && !json && stream === 'sse')
      sendStreamedResult(response, stream, { errors: errorResponse.errors });
    else sendErrorResponse(exchange, compressor, json ?? 'application/json', errorResponse);
  };

  const handle: RequestListener = (request, response) => {
    const { headers, socket } = request;
    const exchange: HttpExchange<Session> = {
      request,
      response,
      headers,
      remoteAddress: socket.remoteAddress,
      accepted: parseAcceptHeader(headers.accept),
      session: undefined,
      operation: undefined,
      trace: hooks.startTrace?.({ headers, transport: 'http', method: request.method }),
    };
    serve(exchange).then(
      () => {
        exchange.operation?.endIfQueued();
        exchange.trace?.end({ status: response.statusCode });
      },
      (thrown: unknown) => {
        sendError(exchange, thrown);
        exchange.operation?.endIfQueued();
        exchange.trace?.end({ status: response.statusCode, error: thrown });
      },
    );
  };

  return (request, response) => {
    // A write to a client that has disconnected is not an error of the server.
    response.on('error', ignore);
    if (messageTurns.mayHandle()) handle(request, response);
    else messageTurns.wait(getSender(request), () => handle(request, response));
  };
}

/** Clients behind a proxy have one address, so a token says more. It is not verified yet. */
const getSender = ({ headers, socket }: IncomingMessage): string | undefined =>
  headers.authorization ?? socket.remoteAddress;

/** The client of an HTTP request. */
class HttpClient<Session extends ClientSession> extends HookedClient<Session> {
  constructor(
    hooks: HookedClientHooks<Session>,
    session: Session,
    extensions: Readonly<Record<string, unknown>>,
    signal: AbortSignalLike,
    trace: OperationTrace | undefined,
    private readonly isGet: boolean,
    private readonly acceptsStream: boolean,
    readonly acceptsParts: boolean,
  ) {
    super(hooks, session, extensions, signal, trace);
  }

  override authorize(operation: ValidOperation): void {
    const { operation: type } = operation.operation;
    if (this.isGet && type === OperationTypeNode.MUTATION) throw createMethodNotAllowedError('POST');
    if (type === OperationTypeNode.SUBSCRIPTION && !this.acceptsStream) throw createStreamRequiredError();
    super.authorize(operation);
  }
}

const ignore = (): void => undefined;

function getSearchParams({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

const namesDocument = (search: URLSearchParams): boolean =>
  search.has('query') || search.has('documentId') || search.has('extensions');

function sendPage(response: ServerResponse, page: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(page);
}

const CONTENT_TYPES: Readonly<Record<JsonMediaType, string>> = {
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
};

type AnsweredRequest = Pick<HttpExchange<ClientSession>, 'headers' | 'response'>;

function sendJson(
  { headers: { 'accept-encoding': acceptEncoding }, response }: AnsweredRequest,
  compressor: ResponseCompressor,
  status: number,
  type: JsonMediaType,
  body: unknown,
  addedHeaders: Readonly<Record<string, string>>,
): void {
  const text = stringifyJson(body);
  const coding = compressor.chooseCoding(acceptEncoding, text.length);
  if (coding) {
    void sendCompressed(response, compressor, coding, text, status, {
      'content-type': CONTENT_TYPES[type],
      ...addedHeaders,
    });
    return;
  }
  response.writeHead(status, {
    'content-type': CONTENT_TYPES[type],
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...addedHeaders,
  });
  // Node writes the head and a text body in one packet.
  response.end(text);
}

/** Never rejects: if the body cannot be compressed, it is sent as it is. */
async function sendCompressed(
  response: ServerResponse,
  compressor: ResponseCompressor,
  coding: ResponseCoding,
  text: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const body = await compressor.compress(coding, text).catch(() => undefined);
  // The client may have disconnected meanwhile.
  if (response.destroyed || response.headersSent) return;
  response.appendHeader('vary', 'accept-encoding');
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...headers,
    ...(body && { 'content-encoding': coding }),
    'content-length': body ? body.length : Buffer.byteLength(text),
  });
  response.end(body ?? text);
}

/**
 * GraphQL over HTTP asks for the status 200 if the operation is wrong and the client accepts `application/json`: such
 * clients do not read the body of another status.
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
function sendErrorResponse(
  exchange: AnsweredRequest,
  compressor: ResponseCompressor,
  type: JsonMediaType,
  errorResponse: ErrorResponse,
): void {
  const { errors, status, headers, isOperationError } = errorResponse;
  const sentStatus = isOperationError && type === 'application/json' ? 200 : status;
  sendJson(exchange, compressor, sentStatus, type, { errors }, headers);
}

const createMethodNotAllowedError = (allow: string) =>
  createHttpError(405, 'METHOD_NOT_ALLOWED', `The method is not allowed. Use ${allow}.`, { allow });

const createNotAcceptableError = () =>
  createHttpError(
    406,
    'NOT_ACCEPTABLE',
    'None of the accepted media types can be produced. Accept application/graphql-response+json, application/json, ' +
      'text/event-stream or multipart/mixed;subscriptionSpec=1.0.',
  );

const createStreamRequiredError = () =>
  createHttpError(
    406,
    'SUBSCRIPTION_NOT_SUPPORTED',
    'A subscription cannot be answered with JSON. Accept text/event-stream or ' +
      'multipart/mixed;subscriptionSpec=1.0, or open a WebSocket with the sub-protocol graphql-transport-ws on this path.',
  );
