import type { WebSocket } from 'ws';

/** Codes of graphql-transport-ws, and of WebSocket itself, with the reason that is told with each. */
export const CLOSE = {
  invalidMessage: [4400, 'Invalid message received'],
  unauthorized: [4401, 'Unauthorized'],
  forbidden: [4403, 'Forbidden'],
  wrongProtocol: [4406, 'Subprotocol not acceptable'],
  initTimeout: [4408, 'Connection initialisation timeout'],
  sameId: [4409, 'Subscriber already exists'],
  secondInit: [4429, 'Too many initialisation requests'],
  internal: [4500, 'Internal server error'],
  idle: [1000, 'Idle'],
  /** Clients come back, and begin their operations again. */
  goingAway: [1001, 'Going away'],
  /** Clients come back. */
  tryLater: [1013, 'Try again later'],
  full: [1013, 'Too many connections'],
} as const satisfies Record<string, readonly [number, string]>;

export const closeWith = (socket: WebSocket, how: keyof typeof CLOSE): void => {
  const [code, reason] = CLOSE[how];
  socket.close(code, reason);
};
