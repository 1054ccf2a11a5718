import { OperationTypeNode } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { createCodedError } from '../../shared/errors.js';
import type { OperationContext } from '../../data-sources/data-source.js';
import { answer, prepare } from '../engine.js';
import { expired } from '../faults.js';
import type { ClientRequest, ClientSession } from '../hooks.js';
import { remove, send, type Client } from './client.js';
import { closeWith } from './close.js';
import type { SocketOptions } from './connection.js';
import { Operation, sendError } from './operation.js';

/** What runs on WebSockets. */
export interface Operations<S extends ClientSession> {
  /** Nothing that the operation does wrong is thrown: it is told to the client. */
  begin(client: Client<S>, id: string, payload: SubscribePayload, session: S): void;
  /** The client wants it no more. */
  leave(client: Client<S>, id: string): void;
  leaveAll(client: Client<S>): void;
  /** Ends all subscriptions: the client is to bring a new token. */
  expire(client: Client<S>): void;
  /** Sends the client away once no query or mutation is under way. */
  sendAway(client: Client<S>): void;
}

export function createOperations<Context extends OperationContext, S extends ClientSession>({
  engine,
  hooks,
  faults,
  limits,
}: SocketOptions<Context, S>): Operations<S> {
  const leave = (client: Client<S>, id: string) => {
    const operation = client.operations.get(id);
    if (!operation) return;
    remove(client, id);
    operation.aborter.abort();
    operation.running?.unsubscribe();
  };
  const refuse = (client: Client<S>, id: string, thrown: unknown) =>
    sendError(client, id, faults.refuse(thrown, client).errors);

  const run = async (
    client: Client<S>,
    id: string,
    operation: Operation,
    { query, operationName, variables, extensions }: SubscribePayload,
    session: S,
  ) => {
    const { signal } = operation.aborter;
    if ((session.expiresAt ?? Infinity) <= Date.now()) throw unauthenticated();
    const request = prepare(engine, { query, operationName, variables });
    const call: ClientRequest<S> = {
      headers: client.headers,
      transport: 'websocket',
      session,
      request,
      extensions: extensions ?? {},
      signal,
    };
    if (request.operation.operation === OperationTypeNode.SUBSCRIPTION) {
      const context = await hooks.createContext(call);
      // Set before anything is handed over: the source may end at once.
      if (!signal.aborted) operation.running = engine.subscribe(request, context, operation);
      return;
    }
    const { result } = await answer(engine, hooks, call);
    if (signal.aborted) return;
    remove(client, id);
    send(client, JSON.stringify({ id, type: 'next', payload: result }));
    send(client, JSON.stringify({ id, type: 'complete' }));
  };

  const sendAwayIfAnswered = (client: Client<S>) => {
    if (client.isLeaving && client.answering === 0) closeWith(client.socket, 'goingAway');
  };

  return {
    begin(client, id, payload, session) {
      if (client.operations.size >= limits.maxOperations) {
        refuse(client, id, tooMany(limits.maxOperations));
        return;
      }
      const operation = new Operation(client, id);
      client.operations.set(id, operation);
      client.answering += 1;
      run(client, id, operation, payload, session)
        .catch((thrown: unknown) => {
          if (operation.aborter.signal.aborted) return;
          remove(client, id);
          refuse(client, id, thrown);
        })
        .finally(() => {
          client.answering -= 1;
          sendAwayIfAnswered(client);
        });
    },
    leave,
    leaveAll(client) {
      for (const id of [...client.operations.keys()]) leave(client, id);
    },
    expire(client) {
      const { errors } = faults.refuse(expired(), client);
      for (const [id, { running }] of client.operations) {
        if (!running) continue;
        leave(client, id);
        sendError(client, id, errors);
      }
    },
    sendAway(client) {
      client.isLeaving = true;
      sendAwayIfAnswered(client);
    },
  };
}

const unauthenticated = () =>
  createCodedError('UNAUTHENTICATED', 'The token has expired; send a new one in a ping.');

const tooMany = (max: number) =>
  createCodedError('TOO_MANY_OPERATIONS', `More than ${max} operations run on this connection.`);
