import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import type { LightAbortController } from '../../shared/light-abort-signal.js';
import type { RunningSubscription } from '../../subscriptions/subscriber.js';
import type { ClientSession } from '../shared/transport-hooks.js';
import type { ResolvedTransportLimits } from '../shared/transport-limits.js';

/** An operation that runs on a WebSocket. */
export interface SocketOperation {
  readonly abortController: LightAbortController;
  /** Set for a subscription that has started. */
  running: RunningSubscription | undefined;
}

/**
 * State of one WebSocket. A server holds many thousands of them. So functions take the state as a parameter instead of
 * being created for each connection, and fields of the handshake are cleared after it.
 */
export interface ClientConnection<Session extends ClientSession = ClientSession> {
  readonly socket: WebSocket;
  readonly limits: ResolvedTransportLimits;
  /** Headers of the handshake request, without those of the handshake itself. */
  readonly headers: IncomingHttpHeaders;
  /** By the id that the client chose. */
  readonly operations: Map<string, SocketOperation>;
  /** Runs until `connection_init` arrives. */
  initTimeout: NodeJS.Timeout | undefined;
  /** Undefined until the client is accepted. */
  session: Session | undefined;
  cancelExpiry: (() => void) | undefined;
  /** Set while the token of a ping is checked. Later messages wait for it. */
  sessionRenewal: Promise<unknown> | undefined;
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
  headers: IncomingHttpHeaders,
  limits: ResolvedTransportLimits,
): ClientConnection<Session> => ({
  socket,
  limits,
  headers: omitHandshakeHeaders(headers),
  operations: new Map(),
  initTimeout: setTimeout(() => closeSocket(socket, 'initTimeout'), limits.initTimeoutMs),
  session: undefined,
  cancelExpiry: undefined,
  sessionRenewal: undefined,
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
export function removeOperation(client: ClientConnection, id: string): void {
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
  duplicateId: [4409, 'Subscriber already exists'],
  duplicateInit: [4429, 'Too many initialisation requests'],
  internalError: [4500, 'Internal server error'],
  idle: [1000, 'Idle'],
  /** Clients connect again and restart their operations. */
  goingAway: [1001, 'Going away'],
  /** Clients connect again. */
  tryAgainLater: [1013, 'Try again later'],
  tooManyConnections: [1013, 'Too many connections'],
} as const satisfies Record<string, readonly [number, string]>;

export type CloseReason = keyof typeof CLOSE_FRAMES;

export const closeSocket = (socket: WebSocket, reason: CloseReason): void => {
  const [code, text] = CLOSE_FRAMES[reason];
  socket.close(code, text);
};
