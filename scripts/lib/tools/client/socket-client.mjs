import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** By default it would wait longer each time, without end. */
const RETRY_MS = 500;

/**
 * GraphQL over WebSocket, as a frontend speaks it: with graphql-ws, which comes again after a lost connection.
 *
 * @param {URL} httpUrl of the same endpoint
 * @param {import('../../identity.mjs').Authorize} authorize who it is
 */
export function createSocketClient(httpUrl, authorize) {
  const url = new URL(httpUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return createClient({
    url: url.href,
    webSocketImpl: WebSocket,
    connectionParams: authorize,
    retryAttempts: Infinity,
    retryWait: () => sleep(RETRY_MS),
  });
}
