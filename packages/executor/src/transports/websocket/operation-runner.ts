import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import { OperationTypeNode, type GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { createLightAbortController, type LightAbortController } from '../../shared/light-abort-signal.js';
import type {
  RunningSubscription,
  Subscriber,
  SubscriptionEnd,
  SubscriptionPayload,
} from '../../subscriptions/subscriber.js';
import {
  executeClientRequest,
  HookedClient,
  prepareOrThrow,
  type ClientRequest,
  type ClientSession,
  type GraphQLEngine,
  type SessionCredentials,
  type TransportHooks,
} from '../shared/client-request.js';
import { countSubscriptionSlots, HeldSlot } from '../shared/client-slots.js';
import type { ExpensiveRequestQueue } from '../shared/expensive-request-queue.js';
import type { NewOperationQueue } from '../shared/new-operation-queue.js';
import { readDocumentId, type PersistedDocuments } from '../shared/persisted-documents.js';
import type { ResolvedTransportLimits } from '../shared/transport-limits.js';
import { createCodedError } from '../../shared/errors.js';
import { stringifyJson } from '../../shared/exact-json.js';
import type { OperationContext } from '../../shared/operation-context.js';
import type { OperationTrace } from '../../shared/operation-trace.js';
import {
  createSessionExpiredError,
  createTokenExpiredError,
  type ErrorResponder,
} from '../shared/error-responses.js';

/** The protocol requires `query`: it is empty if the client sends an id alone. */
interface OperationPayload extends SubscribePayload {
  readonly documentId?: unknown;
}

/** An operation that runs on a WebSocket. */
interface SocketOperation {
  readonly abortController: LightAbortController;
  /** Set for a subscription that has started. */
  running: RunningSubscription | undefined;
  /** Set for a subscription that has started. */
  slot: Pick<HeldSlot<unknown>, 'release'> | undefined;
}

/**
 * State of one WebSocket. A server holds many thousands of them. So functions take the state as a parameter instead of
 * being created for each connection, and fields of the handshake are cleared after it.
 */
export interface ClientConnection<Session extends ClientSession = ClientSession> extends SessionCredentials {
  readonly socket: WebSocket;
  readonly limits: ResolvedTransportLimits;
  /** Headers of the handshake request, without those of the handshake itself. */
  readonly headers: IncomingHttpHeaders;
  /** By the id that the client chose. */
  readonly operations: Map<string, SocketOperation>;
  /** Of the handshake until the client is identified, then of the client. */
  slot: HeldSlot<SessionCredentials> | HeldSlot<Session>;
  /** Runs until `connection_init` arrives. */
  initTimeout: NodeJS.Timeout | undefined;
  /** Ends the limit of what a client may send before it is accepted. */
  endByteLimit: (() => void) | undefined;
  /** Number of messages that arrived before the client was accepted. */
  unacceptedMessageCount: number;
  /** Number of messages since the last ping of the server that started no operation. */
  freeMessageCount: number;
  /** Undefined until the client is accepted. */
  session: Session | undefined;
  cancelExpiry: (() => void) | undefined;
  /** Greater than 0 while the token of a ping is checked, or a message waits for its turn. Later messages wait for it. */
  holdCount: number;
  /** Messages that wait for an earlier one, in their order. */
  waitingMessages: Buffer[] | undefined;
  /** Number of operations that are queries or mutations, or that have not started yet. */
  pendingResponses: number;
  /** Whether the server closes the connection after the pending responses. */
  isGoingAway: boolean;
  /** When the last operation ended, in milliseconds of `performance.now()`. */
  idleSince: number;
  /** Whether the client has answered the last ping. */
  isAlive: boolean;
  /** When the last ping was sent, in milliseconds of `performance.now()`. */
  since: number;
}

export const createClientConnection = <Session extends ClientSession>(
  socket: WebSocket,
  { headers, remoteAddress, endByteLimit }: SessionCredentials & { readonly endByteLimit: () => void },
  slot: HeldSlot<SessionCredentials>,
  limits: ResolvedTransportLimits,
): ClientConnection<Session> => ({
  socket,
  limits,
  remoteAddress,
  headers: omitHandshakeHeaders(headers),
  operations: new Map(),
  slot,
  initTimeout: setTimeout(() => closeSocket(socket, 'initTimeout'), limits.initTimeoutMs),
  endByteLimit,
  unacceptedMessageCount: 0,
  freeMessageCount: 0,
  session: undefined,
  cancelExpiry: undefined,
  holdCount: 0,
  waitingMessages: undefined,
  pendingResponses: 0,
  isGoingAway: false,
  idleSince: performance.now(),
  isAlive: true,
  since: performance.now(),
});

const HANDSHAKE_HEADERS = /^(connection|upgrade|sec-websocket-.*)$/;

const omitHandshakeHeaders = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HANDSHAKE_HEADERS.test(name)));

/** Sends a message, and terminates a connection whose client reads too slowly. */
export function sendMessage({ socket, limits }: ClientConnection, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.send(text);
  if (socket.bufferedAmount > limits.maxUnsentBytes) socket.terminate();
}

/** Removes an operation that has ended. The client may use its id again. */
function removeOperation(client: ClientConnection, id: string): void {
  client.operations.delete(id);
  if (client.operations.size === 0) client.idleSince = performance.now();
}

/**
 * Close codes of graphql-transport-ws and of WebSocket (RFC 6455), with their reasons.
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
const CLOSE_FRAMES = {
  invalidMessage: [4400, 'Invalid message received'],
  unauthorized: [4401, 'Unauthorized'],
  forbidden: [4403, 'Forbidden'],
  wrongProtocol: [4406, 'Subprotocol not acceptable'],
  initTimeout: [4408, 'Connection initialisation timeout'],
  /** With {@link createDuplicateIdReason}. */
  duplicateId: [4409, 'Subscriber already exists'],
  duplicateInit: [4429, 'Too many initialisation requests'],
  internalError: [4500, 'Internal server error'],
  idle: [1000, 'Idle'],
  messageTooLarge: [1009, 'Message too large'],
  /** Clients connect again and restart their operations. */
  goingAway: [1001, 'Going away'],
  /** Clients connect again. */
  tryAgainLater: [1013, 'Try again later'],
  tooManyConnections: [1013, 'Too many connections'],
} as const satisfies Record<string, readonly [number, string]>;

export type CloseReason = keyof typeof CLOSE_FRAMES;

/** The reason of {@link CLOSE_FRAMES}.duplicateId, as the protocol words it. A long id is cut, so that the rest is seen. */
/** Largest number of bytes of a close frame's reason (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** The reason of `duplicateId`, as the protocol words it. A long id is cut, so that the rest of the reason is complete. */
export const createDuplicateIdReason = (id: string): string => {
  const createReason = (shownId: string) => `Subscriber for ${shownId} already exists`;
  return createReason(cutToBytes(id, MAX_REASON_BYTES - createReason('').length));
};

/** Decoding with `stream` omits a character that the limit cuts. */
const cutToBytes = (text: string, maxBytes: number): string =>
  new TextDecoder().decode(Buffer.from(text).subarray(0, maxBytes), { stream: true });

/** @param message replaces the usual reason; a part that does not fit is omitted */
export const closeSocket = (socket: WebSocket, reason: CloseReason, message?: string): void => {
  const [code, text] = CLOSE_FRAMES[reason];
  socket.close(code, cutToBytes(message ?? text, MAX_REASON_BYTES));
};

export interface OperationRunnerOptions<Context extends OperationContext, Session extends ClientSession> {
  readonly engine: GraphQLEngine<Context>;
  readonly hooks: TransportHooks<Context, Session>;
  readonly errorResponder: ErrorResponder;
  readonly documents: PersistedDocuments<Session>;
  /** The same for all transports. */
  readonly expensiveRequests: ExpensiveRequestQueue;
  readonly newOperations: NewOperationQueue;
}

/** Runs the operations of WebSockets and sends their results. */
export interface OperationRunner<Session extends ClientSession> {
  /** Starts an operation. The client receives its errors; nothing is thrown. */
  start(client: ClientConnection<Session>, id: string, payload: SubscribePayload, session: Session): void;
  /** Tells the client that an operation is refused. */
  refuse(client: ClientConnection<Session>, id: string, error: GraphQLError): void;
  /** Stops an operation that the client has completed. */
  stop(client: ClientConnection<Session>, id: string): void;
  stopAll(client: ClientConnection<Session>): void;
  /** Ends all subscriptions of a client whose session has expired, with TOKEN_EXPIRED. */
  endExpired(client: ClientConnection<Session>): void;
  /** Closes the connection with 1001, once its queries and mutations are answered. */
  closeAfterResponses(client: ClientConnection<Session>): void;
}

/** @param chargeRefusal called when an operation is refused; it closes the socket of a client that sends too many */
export function createOperationRunner<Context extends OperationContext, Session extends ClientSession>(
  {
    engine,
    hooks,
    errorResponder,
    documents,
    expensiveRequests,
    newOperations,
  }: OperationRunnerOptions<Context, Session>,
  chargeRefusal: (client: ClientConnection<Session>) => void,
): OperationRunner<Session> {
  const stop = (client: ClientConnection<Session>, id: string) => {
    const operation = client.operations.get(id);
    if (!operation) return;
    removeOperation(client, id);
    operation.abortController.abort();
    operation.running?.unsubscribe();
    operation.slot?.release();
  };
  const reject = (client: ClientConnection<Session>, id: string, thrown: unknown) => {
    sendErrors(client, id, errorResponder.createErrorResponse(thrown, client).errors);
    chargeRefusal(client);
  };

  const run = async (
    client: ClientConnection<Session>,
    id: string,
    operation: SocketSubscriber<Session>,
    payload: OperationPayload,
    session: Session,
    trace: OperationTrace | undefined,
  ) => {
    const { signal } = operation.abortController;
    const isCompleted = () => signal.aborted;
    assertNotExpired(session);
    const { query: text, operationName, variables } = payload;
    const extensions = payload.extensions ?? {};
    const document = { query: text, documentId: readDocumentId(payload.documentId, extensions) };
    const query = documents.resolve(document, session);
    const requestingClient = new HookedClient(hooks, session, extensions, signal, trace);
    const requested = { query, operationName, variables };
    const planned = prepareOrThrow(engine, requested, requestingClient, expensiveRequests);
    const request = planned instanceof Promise ? await planned : planned;
    documents.register(document, session);
    // The client may have completed the operation, or its session expired, while the operation was planned.
    if (isCompleted()) return;
    assertNotExpired(session);
    const clientRequest: ClientRequest<Session> = {
      headers: client.headers,
      transport: 'websocket',
      session,
      request,
      extensions,
      trace,
      signal,
    };
    if (request.operation.operation === OperationTypeNode.SUBSCRIPTION) {
      const context = await hooks.createContext(clientRequest);
      if (isCompleted()) return;
      const slotCount = countSubscriptionSlots(request.originalRequest);
      operation.slot = new HeldSlot(hooks.slots?.subscriptions, session, slotCount);
      operation.running = engine.subscribe(request, context, operation);
      return;
    }
    const { result } = await executeClientRequest(engine, hooks, clientRequest, newOperations);
    if (isCompleted()) return;
    removeOperation(client, id);
    sendMessage(client, stringifyJson({ id, type: 'next', payload: result }));
    sendMessage(client, JSON.stringify({ id, type: 'complete' }));
  };

  const runInSlot = async (
    client: ClientConnection<Session>,
    id: string,
    operation: SocketSubscriber<Session>,
    payload: OperationPayload,
    session: Session,
  ) => {
    const slot = new HeldSlot(hooks.slots?.operations, session);
    const { headers } = client;
    const extensions = payload.extensions ?? {};
    const trace = hooks.startTrace?.({ headers, transport: 'websocket', extensions });
    try {
      await run(client, id, operation, payload, session, trace);
      trace?.end({});
    } catch (error) {
      trace?.end({ error });
      throw error;
    } finally {
      slot.release();
    }
  };

  const closeIfAnswered = (client: ClientConnection<Session>) => {
    if (client.isGoingAway && client.pendingResponses === 0) closeSocket(client.socket, 'goingAway');
  };

  return {
    start(client, id, payload, session) {
      const { maxOperations } = client.limits;
      if (client.operations.size >= maxOperations) {
        reject(client, id, createTooManyOperationsError(maxOperations));
        return;
      }
      const operation = new SocketSubscriber(client, id, chargeRefusal);
      client.operations.set(id, operation);
      client.pendingResponses += 1;
      runInSlot(client, id, operation, payload, session)
        .catch((thrown: unknown) => {
          if (operation.abortController.signal.aborted) return;
          removeOperation(client, id);
          reject(client, id, thrown);
        })
        .finally(() => {
          client.pendingResponses -= 1;
          closeIfAnswered(client);
        });
    },
    refuse: reject,
    stop,
    stopAll(client) {
      for (const id of [...client.operations.keys()]) stop(client, id);
    },
    endExpired(client) {
      const { errors } = errorResponder.createErrorResponse(createTokenExpiredError(), client);
      for (const [id, { running }] of client.operations) {
        if (!running) continue;
        stop(client, id);
        sendErrors(client, id, errors);
      }
    },
    closeAfterResponses(client) {
      client.isGoingAway = true;
      closeIfAnswered(client);
    },
  };
}

/**
 * Receives the payloads of one operation. It is a class because each subscriber has one: an object with its own
 * functions takes eight times the memory.
 */
class SocketSubscriber<Session extends ClientSession> implements SocketOperation, Subscriber {
  readonly abortController = createLightAbortController();
  running: RunningSubscription | undefined;
  slot: Pick<HeldSlot<unknown>, 'release'> | undefined;
  private readonly messageStart: string;
  private hasPayload = false;

  constructor(
    private readonly client: ClientConnection<Session>,
    private readonly id: string,
    private readonly chargeRefusal: (client: ClientConnection<Session>) => void,
  ) {
    this.messageStart = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  next({ json }: SubscriptionPayload): void {
    this.hasPayload = true;
    sendMessage(this.client, `${this.messageStart}${json}}`);
  }

  end({ errors }: SubscriptionEnd): void {
    this.slot?.release();
    removeOperation(this.client, this.id);
    if (!errors) {
      sendMessage(this.client, JSON.stringify({ id: this.id, type: 'complete' }));
      return;
    }
    sendErrors(this.client, this.id, errors);
    // Its source has refused it.
    if (!this.hasPayload) this.chargeRefusal(this.client);
  }

  get unsentBytes(): number {
    return this.client.socket.bufferedAmount;
  }
}

/** @throws GraphQLError TOKEN_EXPIRED */
function assertNotExpired({ expiresAt = Infinity }: ClientSession): void {
  if (expiresAt <= Date.now()) throw createSessionExpiredError();
}

const sendErrors = (client: ClientConnection, id: string, errors: readonly GraphQLFormattedError[]): void =>
  sendMessage(client, stringifyJson({ id, type: 'error', payload: errors }));

const createTooManyOperationsError = (max: number) =>
  createCodedError(
    'TOO_MANY_OPERATIONS',
    `The connection already runs its maximum of ${max} operations. Complete one first.`,
  );
