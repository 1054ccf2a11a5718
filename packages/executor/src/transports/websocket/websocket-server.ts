import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer as WsServer } from 'ws';
import type { OperationContext } from '../../shared/operation-context.js';
import type { ClientSession } from '../shared/client-request.js';
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

export function createWebSocketServer<Context extends OperationContext, Session extends ClientSession>(
  options: WebSocketServerOptions<Context, Session>,
): WebSocketServer {
  const { connections, limits, mayOpenSocket = () => true } = options;
  const serveSocket = createGraphQLWsHandler(options);
  const server = new WsServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    handleProtocols: (offered) => handleProtocols(offered),
  });

  return {
    handleUpgrade(request, connection, head) {
      if (connections.isClosing) rejectUpgrade(connection, 503);
      else if (!mayOpenSocket(request)) rejectUpgrade(connection, 403);
      else
        server.handleUpgrade(request, connection, head, (socket) => {
          if (socket.protocol === '') closeSocket(socket, 'wrongProtocol');
          else if (connections.isFull) closeSocket(socket, 'tooManyConnections');
          else serveSocket(socket, { headers: request.headers, remoteAddress: request.socket.remoteAddress });
        });
    },
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function rejectUpgrade(connection: Duplex, status: number): void {
  connection.on('error', () => undefined);
  connection.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}
