import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Http } from '@seguridad-abc/platform';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { mayOpenSocket } from '../http/origins.js';
import { operations, type OperationsOptions } from './operations.js';

/** A client that does not answer the close of its socket within this is cut off. */
const CLOSE_TIMEOUT_MS = 1_000;

export interface GraphqlSocketOptions extends OperationsOptions {
  readonly http: Pick<Http, 'server'>;
  readonly path: string;
  /** Of a message, in bytes. */
  readonly maxPayload: number;
  /** Web origins whose pages may open a socket, beside this server's own. */
  readonly origins: readonly string[];
}

export interface GraphqlSocket {
  /** Takes no more sockets and closes those that there are, with a code that makes clients come back. */
  close(): Promise<void>;
}

/** Serves operations over WebSocket (sub-protocol graphql-transport-ws) on a path of an HTTP server. */
export function serveSocket(options: GraphqlSocketOptions): GraphqlSocket {
  const { http, path, maxPayload, origins } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    path,
    maxPayload,
    verifyClient({ req }, answer) {
      answer(mayOpenSocket(req.headers.origin, req.headers.host, origins), 403);
    },
  });
  // Internal errors are not told to clients.
  const graphql = useServer({ ...operations(options), isProd: true }, sockets);
  const onUpgrade = (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    sockets.handleUpgrade(request, connection, head, (socket) => sockets.emit('connection', socket, request));
  };
  http.server.on('upgrade', onUpgrade);

  return {
    async close() {
      http.server.off('upgrade', onUpgrade);
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_TIMEOUT_MS);
      // What has just ended is told first.
      await setImmediate();
      await graphql.dispose();
      clearTimeout(timer);
    },
  };
}
