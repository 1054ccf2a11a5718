import type { RequestListener } from 'node:http';
import type { OperationContext } from '../data-sources/data-source.js';
import type { Logger } from '../shared/logger.js';
import { createConnections } from './connections.js';
import type { GraphQLEngine } from './engine.js';
import { createFaults } from './faults.js';
import type { TransportHooks, ClientSession } from './hooks.js';
import { createHttpHandler } from './http/handler.js';
import { withDefaults, type TransportLimits } from './limits.js';
import { createSocketServer, type SocketServerOptions, type UpgradeListener } from './websocket/server.js';

export interface TransportsOptions<Context extends OperationContext, S extends ClientSession> extends Partial<
  Pick<SocketServerOptions<Context, S>, 'mayOpenSocket'>
> {
  readonly engine: GraphQLEngine<Context>;
  readonly hooks: TransportHooks<Context, S>;
  readonly logger: Logger;
  readonly limits?: TransportLimits;
  /** The page that a browser gets which opens the address; none: it is answered as any client is. */
  readonly landingPage?: (() => string) | undefined;
}

/** All ways by which clients send operations, to be put on one path of an HTTP server. */
export interface Transports {
  /** GraphQL over HTTP, with event streams (SSE) and Apollo's multipart for subscriptions. */
  readonly handleRequest: RequestListener;
  /** WebSocket, sub-protocol graphql-transport-ws. */
  readonly handleUpgrade: UpgradeListener;
  /** WebSockets and event streams that are open now. */
  readonly connections: number;
  /** Takes no more subscriptions, and sends the clients of those that there are away so that they come back. */
  close(): Promise<void>;
}

export function createTransports<Context extends OperationContext, S extends ClientSession>(
  options: TransportsOptions<Context, S>,
): Transports {
  const { engine, hooks, logger, landingPage, mayOpenSocket } = options;
  const limits = withDefaults(options.limits);
  const connections = createConnections(limits.maxConnections);
  const faults = createFaults({
    formatError: (error, opening) => hooks.formatError?.(error, opening) ?? error.toJSON(),
    statuses: hooks.statuses,
    logger,
  });
  const shared = { engine, hooks, faults, limits, connections };
  const sockets = createSocketServer({ ...shared, mayOpenSocket });

  return {
    handleRequest: createHttpHandler({ ...shared, landingPage }),
    handleUpgrade: sockets.handleUpgrade,
    get connections() {
      return connections.size;
    },
    async close() {
      await connections.close(limits.closeTimeoutMs);
      sockets.close();
    },
  };
}
