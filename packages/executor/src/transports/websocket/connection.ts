import type { IncomingHttpHeaders } from 'node:http';
import { MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { OperationContext } from '../../data-sources/data-source.js';
import { atTime } from '../at-time.js';
import type { Connections } from '../connections.js';
import type { GraphQLEngine } from '../engine.js';
import type { Faults } from '../faults.js';
import type { TransportHooks, ClientSession } from '../hooks.js';
import type { Limits } from '../limits.js';
import { createClient, send, type Client } from './client.js';
import { closeWith } from './close.js';
import { createKeepAlive } from './keep-alive.js';
import { createOperations } from './operations.js';

export interface SocketOptions<Context extends OperationContext, S extends ClientSession> {
  readonly engine: GraphQLEngine<Context>;
  readonly hooks: TransportHooks<Context, S>;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly connections: Connections;
}

const REFUSALS: Readonly<Record<number, 'forbidden' | 'tryLater'>> = {
  401: 'forbidden',
  403: 'forbidden',
  503: 'tryLater',
};

/** A message that is too large, or no WebSocket at all: ws closes with the code that says so. */
const closedByItself = () => undefined;

/**
 * Speaks graphql-transport-ws (PROTOCOL.md of graphql-ws).
 * @returns what takes on one client, whose handshake had these headers
 */
export function createProtocol<Context extends OperationContext, S extends ClientSession>(
  options: SocketOptions<Context, S>,
): (socket: WebSocket, headers: IncomingHttpHeaders) => void {
  const { hooks, faults, limits, connections } = options;
  const operations = createOperations(options);
  const keepAlive = createKeepAlive(limits);

  /** @returns whether the client is let in, or may stay */
  const admit = async (
    client: Client<S>,
    connectionParams: Readonly<Record<string, unknown>>,
  ): Promise<boolean> => {
    const { socket, headers } = client;
    try {
      client.session = await hooks.createSession({ headers, connectionParams }, client.session);
    } catch (thrown) {
      closeWith(socket, REFUSALS[faults.refuse(thrown, client).status] ?? 'internal');
      return false;
    }
    client.forgetExpiry?.();
    if (socket.readyState === socket.OPEN)
      client.forgetExpiry = atTime(client.session.expiresAt, () => operations.expire(client));
    return true;
  };

  const initialise = async (client: Client<S>, params: Readonly<Record<string, unknown>>) => {
    if (!client.initTimeout) {
      closeWith(client.socket, 'secondInit');
      return;
    }
    clearTimeout(client.initTimeout);
    client.initTimeout = undefined;
    if (await admit(client, params)) send(client, '{"type":"connection_ack"}');
  };

  const pong = async (client: Client<S>, params: Readonly<Record<string, unknown>> | undefined) => {
    if (client.session && params) {
      const admission = admit(client, params);
      client.renewal = admission;
      const stays = await admission;
      if (client.renewal === admission) client.renewal = undefined;
      if (!stays) return;
    }
    send(client, '{"type":"pong"}');
  };

  const begin = (client: Client<S>, { id, payload }: SubscribeMessage) => {
    if (!client.session) closeWith(client.socket, 'unauthorized');
    else if (client.operations.has(id)) closeWith(client.socket, 'sameId');
    // The client begins it again on another socket.
    else if (!client.isLeaving) operations.begin(client, id, payload, client.session);
  };

  const receive = (client: Client<S>, text: string) => {
    // What comes after a close is not heard.
    if (client.socket.readyState !== client.socket.OPEN) return;
    let message;
    try {
      message = parseMessage(text);
    } catch {
      closeWith(client.socket, 'invalidMessage');
      return;
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        void initialise(client, message.payload ?? {});
        return;
      case MessageType.Ping:
        void pong(client, message.payload);
        return;
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        begin(client, message);
        return;
      case MessageType.Complete:
        operations.leave(client, message.id);
        return;
      default:
        closeWith(client.socket, 'invalidMessage');
    }
  };

  return (socket, headers) => {
    const client = createClient<S>(socket, headers, limits);
    const connection = { shutDown: () => operations.sendAway(client) };
    connections.add(connection);
    keepAlive.add(client);
    socket.on('message', (data) => {
      // Data is a Buffer unless asked otherwise.
      const text = (data as Buffer).toString('utf8');
      if (client.renewal) void client.renewal.then(() => receive(client, text));
      else receive(client, text);
    });
    socket.on('pong', () => (client.isAlive = true));
    socket.on('error', closedByItself);
    socket.on('close', () => {
      clearTimeout(client.initTimeout);
      client.forgetExpiry?.();
      keepAlive.delete(client);
      operations.leaveAll(client);
      connections.delete(connection);
    });
  };
}
