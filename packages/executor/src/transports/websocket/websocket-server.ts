import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer as WsServer, type WebSocket } from 'ws';
import type { OperationContext } from '../../shared/operation-context.js';
import type { ClientSession, SessionCredentials } from '../shared/client-request.js';
import { HeldSlot } from '../shared/client-slots.js';
import { closeSocket } from './operation-runner.js';
import { createGraphQLWsHandler, type GraphQLWsHandlerOptions } from './graphql-ws-protocol.js';

export interface WebSocketServerOptions<
  Context extends OperationContext,
  Session extends ClientSession,
> extends GraphQLWsHandlerOptions<Context, Session> {
  /** Whether a handshake request may open a WebSocket; otherwise it is answered with 403. @default always */
  readonly mayOpenSocket: ((request: IncomingMessage) => boolean) | undefined;
}

/** Listener for the `upgrade` event of an HTTP server. */
export type UpgradeListener = (request: IncomingMessage, connection: Duplex, head: Buffer) => void;

/** Accepts WebSocket handshakes. */
export interface WebSocketServer {
  readonly handleUpgrade: UpgradeListener;
  /** Terminates all WebSockets. */
  close(): void;
}

/** Frames of one message. */
const MAX_FRAGMENTS = 1_000;

export function createWebSocketServer<Context extends OperationContext, Session extends ClientSession>(
  options: WebSocketServerOptions<Context, Session>,
): WebSocketServer {
  const { connections, limits, hooks, errorResponder, mayOpenSocket = () => true } = options;
  const serveSocket = createGraphQLWsHandler(options);
  const server = new WsServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    // Frames of one packet are read at once, up to 10,000. Browsers send messages of some kilobytes in one frame.
    maxFragments: MAX_FRAGMENTS,
    // One message of each socket in a turn of the event loop: a packet can have a thousand.
    allowSynchronousEvents: false,
    handleProtocols: (offered) => handleProtocols(offered),
  });

  /** @returns undefined if the client has too many sockets; the handshake is then rejected */
  const acquireSlot = (handshake: SessionCredentials, connection: Duplex) => {
    try {
      const slot = new HeldSlot(hooks.slots?.handshakes, handshake);
      connection.once('close', () => slot.release());
      return slot;
    } catch (thrown) {
      const { status, headers } = errorResponder.createErrorResponse(thrown, handshake);
      rejectUpgrade(connection, status, headers);
      return undefined;
    }
  };

  return {
    handleUpgrade(request, connection, head) {
      if (connections.isClosing) rejectUpgrade(connection, 503);
      else if (!mayOpenSocket(request)) rejectUpgrade(connection, 403);
      else if (!connection.destroyed) {
        const handshake = { headers: request.headers, remoteAddress: request.socket.remoteAddress };
        const slot = acquireSlot(handshake, connection);
        if (!slot) return;
        server.handleUpgrade(request, connection, head, (socket) => {
          if (socket.protocol === '') closeSocket(socket, 'wrongProtocol');
          else if (connections.isFull) closeSocket(socket, 'tooManyConnections');
          else serveSocket(socket, { ...handshake, endByteLimit: limitBytes(connection, socket) }, slot);
        });
      }
    },
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

/** Twice the limit of a message before the client is accepted: it may send a ping too, and a frame has a header. */
const MAX_UNACCEPTED_BYTES = 32_768;

/**
 * Terminates a socket that sends too much before its client is accepted. The limit of a message does not suffice: ws keeps the
 * frames of an incomplete message.
 * @returns a function that ends the limit
 */
function limitBytes(connection: Duplex, socket: WebSocket): () => void {
  let byteCount = 0;
  const count = (chunk: Buffer) => {
    byteCount += chunk.length;
    if (byteCount > MAX_UNACCEPTED_BYTES) socket.terminate();
  };
  connection.on('data', count);
  return () => void connection.off('data', count);
}

function rejectUpgrade(
  connection: Duplex,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  connection.on('error', () => undefined);
  const allHeaders = { connection: 'close', 'content-length': '0', ...headers };
  const lines = Object.entries(allHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
}
