import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { CacheStatistics } from '../shared/cache-statistics.js';
import type { OperationContext } from '../shared/operation-context.js';
import { toStructuredLogger, type Logger } from '../shared/logger.js';
import { createHttpHandler } from './http/http-handler.js';
import { createErrorResponder } from './shared/error-responses.js';
import type { GraphQLEngine, ClientSession, TransportHooks } from './shared/client-request.js';
import { createOpenConnections } from './shared/open-connections.js';
import { createExpensiveRequestQueue } from './shared/expensive-request-queue.js';
import { createMessageTurns } from './shared/message-turns.js';
import { createNewOperationQueue } from './shared/new-operation-queue.js';
import { createPersistedDocuments } from './shared/persisted-documents.js';
import { resolveTransportLimits, type TransportLimits } from './shared/transport-limits.js';
import {
  createWebSocketServer,
  type UpgradeListener,
  type WebSocketServerOptions,
} from './websocket/websocket-server.js';

/** Options of {@link createClientTransports}. */
export interface ClientTransportsOptions<
  Context extends OperationContext,
  Session extends ClientSession,
> extends Partial<Pick<WebSocketServerOptions<Context, Session>, 'mayOpenSocket'>> {
  /** The executor that the transports serve. */
  readonly engine: GraphQLEngine<Context>;
  /** Functions of the server that identify clients and create contexts. */
  readonly hooks: TransportHooks<Context, Session>;
  /** Receives errors that are masked for clients. */
  readonly logger: Logger;
  /** Limits of connections and messages. @default see {@link TransportLimits} */
  readonly limits?: TransportLimits;
  /**
   * Whether a GET request with the header `Origin` comes from a page that may read responses. Other pages need a header that makes
   * their browser send a CORS preflight. Without a preflight a page can use EventSource.
   * @default no page of another origin may
   */
  readonly mayReadAcrossOrigins?: (request: IncomingMessage) => boolean;
  /**
   * Returns the HTML page for a browser that opens the endpoint, and may set headers of its response. Without it a browser is
   * treated as any client.
   */
  readonly landingPage?: ((response: ServerResponse) => string) | undefined;
}

/** What waits in the transports, and their cache. */
export interface TransportStatistics {
  /** Requests and WebSocket messages that wait for their turn. */
  readonly waitingMessages: number;
  /** Large requests and new documents that wait to be read. */
  readonly waitingExpensiveRequests: number;
  /** New operations that wait until their client executes fewer. */
  readonly waitingNewOperations: number;
  /** Documents that clients have registered. */
  readonly persistedDocuments: CacheStatistics;
}

/** The listeners that serve GraphQL operations on one path of an HTTP server. */
export interface ClientTransports {
  /** Serves GraphQL over HTTP: JSON responses, and subscriptions as server-sent events or multipart. */
  readonly handleRequest: RequestListener;
  /** Serves WebSockets with the sub-protocol `graphql-transport-ws`. */
  readonly handleUpgrade: UpgradeListener;
  /** Number of open WebSockets and response streams. */
  readonly openConnectionCount: number;
  readonly statistics: TransportStatistics;
  /** Rejects new subscriptions and closes open connections so that their clients connect again. */
  close(): Promise<void>;
}

/**
 * Creates the listeners that serve an executor over HTTP, server-sent events, multipart and WebSocket. Add them to an HTTP
 * server: `handleRequest` for requests, `handleUpgrade` for its `upgrade` event.
 */
export function createClientTransports<Context extends OperationContext, Session extends ClientSession>(
  options: ClientTransportsOptions<Context, Session>,
): ClientTransports {
  const { engine, hooks, landingPage, mayOpenSocket, mayReadAcrossOrigins = () => false } = options;
  const limits = resolveTransportLimits(options.limits);
  const connections = createOpenConnections(limits.maxConnections);
  const errorResponder = createErrorResponder({
    formatError: (error, request) => hooks.formatError?.(error, request) ?? error.toJSON(),
    statuses: hooks.statuses,
    logger: toStructuredLogger(options.logger),
  });
  const documents = createPersistedDocuments(hooks, limits.maxPersistedQueryBytes);
  const queues = {
    messageTurns: createMessageTurns(),
    expensiveRequests: createExpensiveRequestQueue(),
    newOperations: createNewOperationQueue(),
  };
  const shared = { engine, hooks, errorResponder, documents, limits, connections, ...queues };
  const webSocketServer = createWebSocketServer({ ...shared, mayOpenSocket });

  return {
    handleRequest: createHttpHandler({ ...shared, landingPage, mayReadAcrossOrigins }),
    handleUpgrade: webSocketServer.handleUpgrade,
    get openConnectionCount() {
      return connections.size;
    },
    get statistics() {
      return {
        waitingMessages: queues.messageTurns.waitingCount,
        waitingExpensiveRequests: queues.expensiveRequests.waitingCount,
        waitingNewOperations: queues.newOperations.waitingCount,
        persistedDocuments: documents.statistics,
      };
    },
    async close() {
      await connections.close(limits.closeTimeoutMs);
      webSocketServer.close();
    },
  };
}
