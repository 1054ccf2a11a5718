import { GraphQLError } from 'graphql';
import { MessageType, validateMessage, type SubscribeMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { OperationContext } from '../../shared/operation-context.js';
import { createExpiryTimer, scheduleAt } from '../../shared/timers.js';
import type { ExpensiveRequestQueue } from '../shared/expensive-request-queue.js';
import type { OpenConnections } from '../shared/open-connections.js';
import { FREE_REQUEST_BYTES, type ClientSession, type SessionCredentials } from '../shared/client-request.js';
import { HeldSlot } from '../shared/client-slots.js';
import { createRequestJsonParser, readSubscribeId } from '../shared/request-json.js';
import type { MessageTurns } from '../shared/message-turns.js';
import type { ResolvedTransportLimits } from '../shared/transport-limits.js';
import {
  closeSocket,
  createDuplicateIdReason,
  createClientConnection,
  sendMessage,
  createOperationRunner,
  type ClientConnection,
  type CloseReason,
  type OperationRunnerOptions,
} from './operation-runner.js';

export interface GraphQLWsHandlerOptions<
  Context extends OperationContext,
  Session extends ClientSession,
> extends OperationRunnerOptions<Context, Session> {
  readonly limits: ResolvedTransportLimits;
  readonly connections: OpenConnections;
  readonly messageTurns: MessageTurns;
  readonly expensiveRequests: ExpensiveRequestQueue;
}

/** A client that is not accepted yet. */
export interface Handshake extends SessionCredentials {
  /** Ends the limit of what the client may send. Called when the client is accepted. */
  readonly endByteLimit: () => void;
}

type ConnectionParams = Readonly<Record<string, unknown>>;

const CLOSE_REASON_BY_STATUS: Readonly<Record<number, CloseReason>> = {
  401: 'forbidden',
  403: 'forbidden',
  429: 'tryAgainLater',
  503: 'tryAgainLater',
};

/** The server keeps the id of a running operation. Clients use numbers or UUIDs. */
const MAX_OPERATION_ID_LENGTH = 200;
/** Messages that start no operation, and refused operations, that a socket may send between two pings of the server. */
const MAX_FREE_MESSAGES = 30;
/** How long a client that is disconnected for its traffic has to receive the reason. */
const CLOSE_DELAY_MS = 1_000;
/** Messages and pings of a client before it is accepted: nobody is charged for them. */
const MAX_UNACCEPTED_MESSAGES = 10;
/** Limits of a client before it is accepted. A token has at most 8 KiB. */
const UNAUTHENTICATED_SESSION: ClientSession = { maxBodyBytes: 16_384 }; // 16 KiB

/** ws closes the socket after an error such as a too large message, with the right code. */
const ignoreSocketError = () => undefined;

/**
 * Implements the server side of the graphql-transport-ws sub-protocol.
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 * @returns a function that serves one WebSocket. The credentials and the slot are those of its handshake; the slot is freed when
 *   the client is identified
 */
export function createGraphQLWsHandler<Context extends OperationContext, Session extends ClientSession>(
  options: GraphQLWsHandlerOptions<Context, Session>,
): (socket: WebSocket, handshake: Handshake, handshakeSlot: HeldSlot<SessionCredentials>) => void {
  const { hooks, errorResponder, limits, connections, messageTurns, expensiveRequests } = options;
  const keepAlive = createKeepAlive(limits);
  const parseJson = createRequestJsonParser(options.engine.operationLimits, 2);

  const closeWithError = (client: ClientConnection<Session>, thrown: unknown): void => {
    const { status, errors } = errorResponder.createErrorResponse(thrown, client);
    closeSocket(client.socket, CLOSE_REASON_BY_STATUS[status] ?? 'internalError', errors[0]?.message);
  };

  /** @returns whether the client may go on; otherwise the socket is closed */
  const tryToCharge = (client: ClientConnection<Session>, charge: () => void): boolean => {
    try {
      charge();
      return true;
    } catch (thrown) {
      const { socket } = client;
      closeWithError(client, thrown);
      // ws would read what the client still sends for 30 seconds.
      socket.pause();
      setTimeout(() => socket.terminate(), CLOSE_DELAY_MS).unref();
      return false;
    }
  };
  const { traffic } = hooks;
  const chargeBytes = (client: ClientConnection<Session>, byteCount: number): boolean => {
    const { session } = client;
    if (!traffic || !session || byteCount <= FREE_REQUEST_BYTES) return true;
    return tryToCharge(client, () => traffic.chargeBytes(session, byteCount - FREE_REQUEST_BYTES));
  };
  const chargeMessage = (client: ClientConnection<Session>): boolean => {
    const { session } = client;
    client.freeMessageCount += 1;
    if (!traffic || !session || client.freeMessageCount <= MAX_FREE_MESSAGES) return true;
    return tryToCharge(client, () => traffic.chargeMessage(session));
  };
  const operations = createOperationRunner(options, chargeMessage);

  /** @returns whether the session was created; otherwise the socket is closed */
  const updateSession = async (
    client: ClientConnection<Session>,
    connectionParams: ConnectionParams,
  ): Promise<boolean> => {
    const { socket, headers, remoteAddress } = client;
    try {
      const credentials = { headers, remoteAddress, connectionParams };
      const session = await hooks.createSession(credentials, client.session);
      // It is closed, and would not free a slot any more.
      if (socket.readyState !== socket.OPEN) return false;
      if (!client.session) replaceSlot(client, new HeldSlot(hooks.slots?.sockets, session));
      client.session = session;
      client.endByteLimit?.();
      client.endByteLimit = undefined;
    } catch (thrown) {
      closeWithError(client, thrown);
      return false;
    }
    client.cancelExpiry?.();
    client.cancelExpiry = scheduleAt(client.session.expiresAt, () => operations.endExpired(client));
    return true;
  };

  const handleInit = async (client: ClientConnection<Session>, params: ConnectionParams) => {
    if (!client.initTimeout) {
      closeSocket(client.socket, 'duplicateInit');
      return;
    }
    clearTimeout(client.initTimeout);
    client.initTimeout = undefined;
    if (await updateSession(client, params)) sendMessage(client, '{"type":"connection_ack"}');
  };

  /** Lets later messages of the client wait. The promise is never rejected. */
  const holdMessages = (client: ClientConnection<Session>, handling: Promise<unknown>) => {
    client.holdCount += 1;
    void handling.then(() => {
      client.holdCount -= 1;
      handleWaitingMessages(client);
    });
  };

  /** A ping with a payload renews the session. */
  const handlePing = async (client: ClientConnection<Session>, params: ConnectionParams | undefined) => {
    if (client.session && params) {
      const renewal = updateSession(client, params);
      holdMessages(client, renewal);
      if (!(await renewal)) return;
    }
    sendMessage(client, '{"type":"pong"}');
  };

  const handleSubscribe = (client: ClientConnection<Session>, { id, payload }: SubscribeMessage) => {
    if (!client.session) closeSocket(client.socket, 'unauthorized');
    else if (id.length > MAX_OPERATION_ID_LENGTH) {
      const message = `The id of an operation has at most ${MAX_OPERATION_ID_LENGTH} characters. Use a shorter one.`;
      closeSocket(client.socket, 'invalidMessage', message);
    } else if (client.operations.has(id))
      closeSocket(client.socket, 'duplicateId', createDuplicateIdReason(id));
    // During a shutdown the client starts the operation again on its next connection.
    else if (client.isGoingAway) chargeMessage(client);
    else operations.start(client, id, payload, client.session);
  };

  /** Refuses a message that exceeds a limit. It is not parsed. */
  const refuseMessage = (client: ClientConnection<Session>, bytes: Buffer, error: GraphQLError) => {
    const id = readSubscribeId(bytes);
    if (
      !client.session ||
      id === undefined ||
      id.length > MAX_OPERATION_ID_LENGTH ||
      client.operations.has(id)
    )
      closeSocket(client.socket, 'invalidMessage', error.message);
    else operations.refuse(client, id, error);
  };

  const handleMessage = (client: ClientConnection<Session>, bytes: Buffer) => {
    // Messages may still arrive after the server has closed the socket.
    if (client.socket.readyState !== client.socket.OPEN) return;
    let message;
    try {
      message = validateMessage(parseJson(bytes));
    } catch (error) {
      if (error instanceof GraphQLError) refuseMessage(client, bytes, error);
      else closeSocket(client.socket, 'invalidMessage');
      return;
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        void handleInit(client, message.payload ?? {});
        return;
      case MessageType.Ping:
        if (chargeMessage(client)) void handlePing(client, message.payload);
        return;
      case MessageType.Pong:
        chargeMessage(client);
        return;
      case MessageType.Subscribe:
        handleSubscribe(client, message);
        return;
      case MessageType.Complete:
        if (chargeMessage(client)) operations.stop(client, message.id);
        return;
      default:
        closeSocket(client.socket, 'invalidMessage');
    }
  };

  /** A large message waits for its turn. */
  const handleLargeMessage = (client: ClientConnection<Session>, bytes: Buffer): void => {
    const handling = expensiveRequests.run(client.session?.fairnessKey, bytes.length, () =>
      handleMessage(client, bytes),
    );
    if (!(handling instanceof Promise)) return;
    const closeOverloaded = (thrown: unknown) => closeWithError(client, thrown);
    holdMessages(client, handling.catch(closeOverloaded));
  };

  /** Handles a message now or in its turn. No earlier message of the client waits. */
  const handleNext = (client: ClientConnection<Session>, bytes: Buffer): void => {
    if (bytes.length > FREE_REQUEST_BYTES) handleLargeMessage(client, bytes);
    else if (messageTurns.mayHandle()) handleMessage(client, bytes);
    else {
      const sender = client.session?.fairnessKey ?? client.remoteAddress;
      const handling = new Promise<void>((resolve) =>
        messageTurns.wait(sender, () => {
          handleMessage(client, bytes);
          resolve();
        }),
      );
      holdMessages(client, handling);
    }
  };

  const handleWaitingMessages = (client: ClientConnection<Session>): void => {
    const { socket } = client;
    while (client.holdCount === 0) {
      const bytes = client.waitingMessages?.shift();
      if (!bytes) {
        if (socket.readyState === socket.OPEN) socket.resume();
        return;
      }
      handleNext(client, bytes);
    }
  };

  /** Handles the messages of a client in their order. */
  const handleInOrder = (client: ClientConnection<Session>, bytes: Buffer): void => {
    if (client.holdCount === 0) {
      handleNext(client, bytes);
      return;
    }
    // What ws has already read still arrives.
    client.socket.pause();
    (client.waitingMessages ??= []).push(bytes);
  };

  return (socket, handshake, handshakeSlot) => {
    const client = createClientConnection<Session>(socket, handshake, handshakeSlot, limits);
    const connection = { shutDown: () => operations.closeAfterResponses(client) };
    connections.add(connection);
    keepAlive.add(client);
    const countUnaccepted = () => {
      client.unacceptedMessageCount += 1;
      if (client.unacceptedMessageCount > MAX_UNACCEPTED_MESSAGES) socket.terminate();
    };
    socket.on('message', (data) => {
      if (!client.session) countUnaccepted();
      // ws delivers a Buffer unless `binaryType` is changed.
      const bytes = data as Buffer;
      const { session = UNAUTHENTICATED_SESSION } = client;
      if (bytes.length > (session.maxBodyBytes ?? Infinity)) {
        closeSocket(socket, 'messageTooLarge');
        return;
      }
      // A closed socket may still deliver messages.
      if (socket.readyState === socket.OPEN && chargeBytes(client, bytes.length))
        handleInOrder(client, bytes);
    });
    const countControlFrame = () => {
      // A closed socket may still deliver control frames.
      if (socket.readyState !== socket.OPEN) return;
      if (client.session) chargeMessage(client);
      else countUnaccepted();
    };
    socket.on('ping', countControlFrame);
    socket.on('pong', () => {
      // A further pong answers no ping of the server.
      if (client.isAlive) countControlFrame();
      client.isAlive = true;
    });
    socket.on('error', ignoreSocketError);
    socket.on('close', () => {
      clearTimeout(client.initTimeout);
      client.cancelExpiry?.();
      keepAlive.delete(client);
      client.slot.release();
      operations.stopAll(client);
      connections.delete(connection);
    });
  };
}

function replaceSlot<Session extends ClientSession>(
  client: ClientConnection<Session>,
  slot: HeldSlot<Session>,
): void {
  client.slot.release();
  client.slot = slot;
}

/** Pings connections, terminates those that do not answer and closes idle ones. */
interface KeepAlive {
  add(client: ClientConnection): void;
  delete(client: ClientConnection): void;
}

function createKeepAlive({ keepAliveMs, idleTimeoutMs }: ResolvedTransportLimits): KeepAlive {
  /** In the order in which their next ping is due. */
  const clients = new Set<ClientConnection>();
  const now = () => performance.now();

  const isIdle = ({ operations, idleSince }: ClientConnection) =>
    operations.size === 0 && now() - idleSince > idleTimeoutMs;
  const timer = createExpiryTimer(clients, keepAliveMs, now, (client) => {
    const { socket, isAlive } = client;
    clients.delete(client);
    add(client);
    if (!isAlive) socket.terminate();
    else if (isIdle(client)) closeSocket(socket, 'idle');
    client.isAlive = false;
    client.freeMessageCount = 0;
    socket.ping();
  });
  const add = (client: ClientConnection) => {
    client.since = now();
    clients.add(client);
    timer.start();
  };

  return {
    add,
    delete(client) {
      clients.delete(client);
      if (clients.size === 0) timer.stop();
    },
  };
}
