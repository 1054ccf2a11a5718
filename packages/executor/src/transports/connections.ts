import { requestFault } from './faults.js';

/** What stays open: a WebSocket, or a request that is answered with a stream. */
export interface Connection {
  /** Tells the client to come back, and closes. */
  shutDown(): void;
}

/** All that is open. */
export interface Connections {
  readonly size: number;
  /** No more are taken. */
  readonly isClosing: boolean;
  readonly isFull: boolean;
  add(connection: Connection): void;
  /** It has closed. */
  delete(connection: Connection): void;
  /** Shuts all down; resolves when they are out, or after the time. */
  close(timeoutMs: number): Promise<void>;
}

export function createConnections(max: number): Connections {
  const open = new Set<Connection>();
  let isClosing = false;
  let whenEmpty: (() => void) | undefined;
  return {
    get size() {
      return open.size;
    },
    get isClosing() {
      return isClosing;
    },
    get isFull() {
      return open.size >= max;
    },
    add(connection) {
      open.add(connection);
    },
    delete(connection) {
      open.delete(connection);
      if (open.size === 0) whenEmpty?.();
    },
    async close(timeoutMs) {
      isClosing = true;
      if (open.size === 0) return;
      const empty = new Promise<void>((resolve) => (whenEmpty = resolve));
      for (const connection of [...open]) connection.shutDown();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
      await Promise.race([empty, patience]);
      clearTimeout(timer);
    },
  };
}

/** In seconds: when a client that found no room may try again. */
const AGAIN_AFTER = '5';

export const noRoom = () =>
  requestFault(503, 'TOO_MANY_CONNECTIONS', 'Too many connections are open; come back in a moment.', {
    'retry-after': AGAIN_AFTER,
  });
