import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { OperationContext } from '../../data-sources/data-source.js';
import type { ClientSession } from '../hooks.js';
import { closeWith } from './close.js';
import { createProtocol, type SocketOptions } from './connection.js';

export interface SocketServerOptions<
  Context extends OperationContext,
  S extends ClientSession,
> extends SocketOptions<Context, S> {
  /** Whether a WebSocket may be opened by this request; another is refused with 403. */
  readonly mayOpenSocket: ((request: IncomingMessage) => boolean) | undefined;
}

/** Takes the upgrade of an HTTP connection, as an HTTP server emits it. */
export type UpgradeListener = (request: IncomingMessage, connection: Duplex, head: Buffer) => void;

export interface SocketServer {
  readonly handleUpgrade: UpgradeListener;
  /** Cuts off whoever is still there. */
  close(): void;
}

export function createSocketServer<Context extends OperationContext, S extends ClientSession>(
  options: SocketServerOptions<Context, S>,
): SocketServer {
  const { connections, limits, mayOpenSocket = () => true } = options;
  const serve = createProtocol(options);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    handleProtocols: (offered) => handleProtocols(offered),
  });

  return {
    handleUpgrade(request, connection, head) {
      if (connections.isClosing) refuseUpgrade(connection, 503);
      else if (!mayOpenSocket(request)) refuseUpgrade(connection, 403);
      else
        sockets.handleUpgrade(request, connection, head, (socket) => {
          if (socket.protocol === '') closeWith(socket, 'wrongProtocol');
          else if (connections.isFull) closeWith(socket, 'full');
          else serve(socket, request.headers);
        });
    },
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function refuseUpgrade(connection: Duplex, status: number): void {
  connection.on('error', () => undefined);
  connection.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}
