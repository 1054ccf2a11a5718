import { OperationTypeNode, type GraphQLFormattedError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { createCodedError } from '../../shared/errors.js';
import type { OperationContext } from '../../shared/operation-context.js';
import { createLightAbortController } from '../../shared/light-abort-signal.js';
import type {
  RunningSubscription,
  Subscriber,
  SubscriptionEnd,
  SubscriptionPayload,
} from '../../subscriptions/subscriber.js';
import {
  createSessionExpiredError,
  createTokenExpiredError,
  type ErrorResponder,
} from '../shared/error-responses.js';
import { executeClientRequest, prepareOrThrow, type GraphQLEngine } from '../shared/graphql-engine.js';
import type { ClientRequest, ClientSession, TransportHooks } from '../shared/transport-hooks.js';
import {
  closeSocket,
  removeOperation,
  sendMessage,
  type ClientConnection,
  type SocketOperation,
} from './client-connection.js';

export interface OperationRunnerOptions<Context extends OperationContext, Session extends ClientSession> {
  readonly engine: GraphQLEngine<Context>;
  readonly hooks: TransportHooks<Context, Session>;
  readonly errorResponder: ErrorResponder;
}

/** Runs the operations of WebSockets and sends their results. */
export interface OperationRunner<Session extends ClientSession> {
  /** Starts an operation. The client receives its errors; nothing is thrown. */
  start(client: ClientConnection<Session>, id: string, payload: SubscribePayload, session: Session): void;
  /** Stops an operation that the client has completed. */
  stop(client: ClientConnection<Session>, id: string): void;
  stopAll(client: ClientConnection<Session>): void;
  /** Ends all subscriptions of a client whose session has expired, with TOKEN_EXPIRED. */
  endExpired(client: ClientConnection<Session>): void;
  /** Closes the connection with 1001, once its queries and mutations are answered. */
  closeAfterResponses(client: ClientConnection<Session>): void;
}

export function createOperationRunner<Context extends OperationContext, Session extends ClientSession>({
  engine,
  hooks,
  errorResponder,
}: OperationRunnerOptions<Context, Session>): OperationRunner<Session> {
  const stop = (client: ClientConnection<Session>, id: string) => {
    const operation = client.operations.get(id);
    if (!operation) return;
    removeOperation(client, id);
    operation.abortController.abort();
    operation.running?.unsubscribe();
  };
  const reject = (client: ClientConnection<Session>, id: string, thrown: unknown) =>
    sendErrors(client, id, errorResponder.createErrorResponse(thrown, client).errors);

  const run = async (
    client: ClientConnection<Session>,
    id: string,
    operation: SocketSubscriber,
    { query, operationName, variables, extensions }: SubscribePayload,
    session: Session,
  ) => {
    const { signal } = operation.abortController;
    if ((session.expiresAt ?? Infinity) <= Date.now()) throw createSessionExpiredError();
    const request = prepareOrThrow(engine, { query, operationName, variables });
    const clientRequest: ClientRequest<Session> = {
      headers: client.headers,
      transport: 'websocket',
      session,
      request,
      extensions: extensions ?? {},
      signal,
    };
    if (request.operation.operation === OperationTypeNode.SUBSCRIPTION) {
      const context = await hooks.createContext(clientRequest);
      if (!signal.aborted) operation.running = engine.subscribe(request, context, operation);
      return;
    }
    const { result } = await executeClientRequest(engine, hooks, clientRequest);
    if (signal.aborted) return;
    removeOperation(client, id);
    sendMessage(client, JSON.stringify({ id, type: 'next', payload: result }));
    sendMessage(client, JSON.stringify({ id, type: 'complete' }));
  };

  const closeIfAnswered = (client: ClientConnection<Session>) => {
    if (client.isGoingAway && client.pendingResponses === 0) closeSocket(client.socket, 'goingAway');
  };

  return {
    start(client, id, payload, session) {
      const { maxOperations } = client.limits;
      if (client.operations.size >= maxOperations) {
        reject(client, id, createTooManyOperationsError(maxOperations));
        return;
      }
      const operation = new SocketSubscriber(client, id);
      client.operations.set(id, operation);
      client.pendingResponses += 1;
      run(client, id, operation, payload, session)
        .catch((thrown: unknown) => {
          if (operation.abortController.signal.aborted) return;
          removeOperation(client, id);
          reject(client, id, thrown);
        })
        .finally(() => {
          client.pendingResponses -= 1;
          closeIfAnswered(client);
        });
    },
    stop,
    stopAll(client) {
      for (const id of [...client.operations.keys()]) stop(client, id);
    },
    endExpired(client) {
      const { errors } = errorResponder.createErrorResponse(createTokenExpiredError(), client);
      for (const [id, { running }] of client.operations) {
        if (!running) continue;
        stop(client, id);
        sendErrors(client, id, errors);
      }
    },
    closeAfterResponses(client) {
      client.isGoingAway = true;
      closeIfAnswered(client);
    },
  };
}

/**
 * Receives the payloads of one operation. It is a class because each subscriber has one: an object with its own
 * functions takes eight times the memory.
 */
class SocketSubscriber implements SocketOperation, Subscriber {
  readonly abortController = createLightAbortController();
  running: RunningSubscription | undefined;
  private readonly messageStart: string;

  constructor(
    private readonly client: ClientConnection,
    private readonly id: string,
  ) {
    this.messageStart = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  next({ json }: SubscriptionPayload): void {
    sendMessage(this.client, `${this.messageStart}${json}}`);
  }

  end({ errors }: SubscriptionEnd): void {
    removeOperation(this.client, this.id);
    if (errors) sendErrors(this.client, this.id, errors);
    else sendMessage(this.client, JSON.stringify({ id: this.id, type: 'complete' }));
  }

  get unsentBytes(): number {
    return this.client.socket.bufferedAmount;
  }
}

const sendErrors = (client: ClientConnection, id: string, errors: readonly GraphQLFormattedError[]): void =>
  sendMessage(client, JSON.stringify({ id, type: 'error', payload: errors }));

const createTooManyOperationsError = (max: number) =>
  createCodedError(
    'TOO_MANY_OPERATIONS',
    `The connection already runs its maximum of ${max} operations. Complete one first.`,
  );
