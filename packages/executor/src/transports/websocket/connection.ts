import type { IncomingHttpHeaders } from 'node:http';
import { MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { FetchContext } from '../../fetching/data-source.js';
import { atTime } from '../at-time.js';
import type { Connection } from '../connections.js';
import type { Engine } from '../engine.js';
import type { Faults } from '../faults.js';
import type { Hooks, Session } from '../hooks.js';
import type { Limits } from '../limits.js';
import { closeWith } from './close.js';
import { createOperations } from './operations.js';

export interface SocketOptions<Context extends FetchContext, S extends Session> {
  readonly engine: Engine<Context>;
  readonly hooks: Hooks<Context, S>;
  readonly faults: Faults;
  readonly limits: Limits;
}

const REFUSALS: Readonly<Record<number, 'forbidden' | 'tryLater'>> = {
  401: 'forbidden',
  403: 'forbidden',
  503: 'tryLater',
};

/** Speaks graphql-transport-ws with one client (PROTOCOL.md of graphql-ws). */
export function serveConnection<Context extends FetchContext, S extends Session>(
  socket: WebSocket,
  headers: IncomingHttpHeaders,
  options: SocketOptions<Context, S>,
): Connection {
  const { hooks, faults, limits } = options;
  const send = (text: string) => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text);
    // Who asks and asks and reads nothing would fill the memory.
    if (socket.bufferedAmount > limits.maxUnsentBytes) socket.terminate();
  };
  const operations = createOperations(send, headers, { ...options, socket });
  let initialised = false;
  let session: S | undefined;
  let forgetExpiry: (() => void) | undefined;
  /** A new token is being checked: what the client sends after it waits. */
  let renewal: Promise<unknown> | undefined;
  let isClosing = false;

  const initTimeout = setTimeout(() => closeWith(socket, 'initTimeout'), limits.initTimeoutMs);

  /** @returns whether the client is let in, or may stay */
  const admit = async (connectionParams: Readonly<Record<string, unknown>>): Promise<boolean> => {
    try {
      session = await hooks.sessionOf({ headers, connectionParams }, session);
    } catch (thrown) {
      closeWith(socket, REFUSALS[faults.refuse(thrown, { headers }).status] ?? 'internal');
      return false;
    }
    forgetExpiry?.();
    if (socket.readyState === socket.OPEN)
      forgetExpiry = atTime(session.expiresAt, () => operations.expire());
    return true;
  };

  const initialise = async (params: Readonly<Record<string, unknown>>) => {
    if (initialised) {
      closeWith(socket, 'secondInit');
      return;
    }
    initialised = true;
    clearTimeout(initTimeout);
    if (await admit(params)) send('{"type":"connection_ack"}');
  };

  const pong = async (params: Readonly<Record<string, unknown>> | undefined) => {
    if (session && params) {
      const admission = admit(params);
      renewal = admission;
      const stays = await admission;
      if (renewal === admission) renewal = undefined;
      if (!stays) return;
    }
    send('{"type":"pong"}');
  };

  const begin = ({ id, payload }: SubscribeMessage) => {
    if (!session) closeWith(socket, 'unauthorized');
    else if (operations.has(id)) closeWith(socket, 'sameId');
    // The client begins it again on another socket.
    else if (!isClosing) operations.begin(id, payload, session);
  };

  const receive = (text: string) => {
    let message;
    try {
      message = parseMessage(text);
    } catch {
      closeWith(socket, 'invalidMessage');
      return;
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        void initialise(message.payload ?? {});
        return;
      case MessageType.Ping:
        void pong(message.payload);
        return;
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        begin(message);
        return;
      case MessageType.Complete:
        operations.leave(message.id);
        return;
      default:
        closeWith(socket, 'invalidMessage');
    }
  };
  socket.on('message', (data) => {
    // Data is a Buffer unless asked otherwise.
    const text = (data as Buffer).toString('utf8');
    const hear = () => {
      // What comes after a close is not heard.
      if (socket.readyState === socket.OPEN) receive(text);
    };
    if (renewal) void renewal.then(hear);
    else hear();
  });
  // A message that is too large, or no WebSocket at all: ws closes with the code that says so.
  socket.on('error', () => undefined);

  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  const tick = setInterval(() => {
    if (!isAlive) socket.terminate();
    else if (operations.idleForMs > limits.idleTimeoutMs) closeWith(socket, 'idle');
    isAlive = false;
    socket.ping();
  }, limits.keepAliveMs);

  socket.once('close', () => {
    clearTimeout(initTimeout);
    clearInterval(tick);
    forgetExpiry?.();
    operations.leaveAll();
  });

  return {
    shutDown() {
      isClosing = true;
      operations.whenAnswered(() => closeWith(socket, 'goingAway'));
    },
  };
}
