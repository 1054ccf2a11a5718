import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import type { ClientSession } from '../hooks.js';
import type { Limits } from '../limits.js';
import { closeWith } from './close.js';
import type { Operation } from './operation.js';

/**
 * What is kept of one WebSocket. There are many thousands of them: whatever is done with one is a function of all, and
 * nothing is kept that is needed only while it opens.
 */
export interface Client<S extends ClientSession = ClientSession> {
  readonly socket: WebSocket;
  readonly limits: Limits;
  /** Of its handshake, without those that are the handshake's own. */
  readonly headers: IncomingHttpHeaders;
  /** By id. */
  readonly operations: Map<string, Operation>;
  /** Runs until it has introduced itself. */
  initTimeout: NodeJS.Timeout | undefined;
  /** Undefined until it is let in. */
  session: S | undefined;
  forgetExpiry: (() => void) | undefined;
  /** A new token is being checked: what it sends after it waits. */
  renewal: Promise<unknown> | undefined;
  /** Operations that are not subscriptions, or not yet known to be. */
  answering: number;
  /** It is closed as soon as it has its answers. */
  isLeaving: boolean;
  /** When the last operation ended. */
  idleSince: number;
  /** Whether it has given a sign of life since it was asked for one. */
  isAlive: boolean;
  /** When it was asked. */
  since: number;
}

export const createClient = <S extends ClientSession>(
  socket: WebSocket,
  headers: IncomingHttpHeaders,
  limits: Limits,
): Client<S> => ({
  socket,
  limits,
  headers: withoutHandshake(headers),
  operations: new Map(),
  initTimeout: setTimeout(() => closeWith(socket, 'initTimeout'), limits.initTimeoutMs),
  session: undefined,
  forgetExpiry: undefined,
  renewal: undefined,
  answering: 0,
  isLeaving: false,
  idleSince: performance.now(),
  isAlive: true,
  since: performance.now(),
});

export function send({ socket, limits }: Client, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.send(text);
  // Who asks and asks and reads nothing would fill the memory.
  if (socket.bufferedAmount > limits.maxUnsentBytes) socket.terminate();
}

/** An operation is over: nothing more is sent of it, and its id is free again. */
export function remove(client: Client, id: string): void {
  client.operations.delete(id);
  if (client.operations.size === 0) client.idleSince = performance.now();
}

const HANDSHAKE = /^(connection|upgrade|sec-websocket-.*)$/;

const withoutHandshake = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HANDSHAKE.test(name)));
