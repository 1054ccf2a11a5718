import type { GraphQLError } from 'graphql';
import { createHttpError } from './error-responses.js';

/** A WebSocket, or an HTTP request that is answered with a stream. */
export interface OpenConnection {
  /** Ends the client's operations so that it connects again, and closes. */
  shutDown(): void;
}

/** The connections of all transports, limited to a maximum number. */
export interface OpenConnections {
  readonly size: number;
  /** Whether the server is shutting down and accepts no more connections. */
  readonly isClosing: boolean;
  /** Whether the maximum number of connections is open. */
  readonly isFull: boolean;
  add(connection: OpenConnection): void;
  /** Called by a connection that has closed. */
  delete(connection: OpenConnection): void;
  /** Shuts all connections down. Resolves when they have closed, at the latest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export function createOpenConnections(maxConnections: number): OpenConnections {
  const open = new Set<OpenConnection>();
  let isClosing = false;
  let onEmpty: (() => void) | undefined;
  return {
    get size() {
      return open.size;
    },
    get isClosing() {
      return isClosing;
    },
    get isFull() {
      return open.size >= maxConnections;
    },
    add(connection) {
      open.add(connection);
    },
    delete(connection) {
      open.delete(connection);
      if (open.size === 0) onEmpty?.();
    },
    async close(timeoutMs) {
      isClosing = true;
      if (open.size === 0) return;
      const empty = new Promise<void>((resolve) => (onEmpty = resolve));
      for (const connection of [...open]) connection.shutDown();
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
      await Promise.race([empty, timeout]);
      clearTimeout(timer);
    },
  };
}

const RETRY_AFTER_SECONDS = '5';

export const createTooManyConnectionsError = (): GraphQLError =>
  createHttpError(
    503,
    'TOO_MANY_CONNECTIONS',
    'The server has its maximum number of open connections. Try again in a moment.',
    { 'retry-after': RETRY_AFTER_SECONDS },
  );
