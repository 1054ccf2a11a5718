import type { IncomingHttpHeaders } from 'node:http';
import { OperationTypeNode, type GraphQLFormattedError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { codedError } from '../../errors.js';
import type { FetchContext } from '../../fetching/data-source.js';
import { createAborter, type Aborter } from '../../fetching/signal.js';
import type { RunningSubscription, Subscriber } from '../../subscriptions/subscriber.js';
import { answer, prepare } from '../engine.js';
import { expired } from '../faults.js';
import type { Call, Session } from '../hooks.js';
import type { SocketOptions } from './connection.js';

/** What runs on one WebSocket. */
export interface Operations<S extends Session> {
  has(id: string): boolean;
  /** Nothing that the operation does wrong is thrown: it is told to the client. */
  begin(id: string, payload: SubscribePayload, session: S): void;
  /** The client wants it no more. */
  leave(id: string): void;
  leaveAll(): void;
  /** Ends all subscriptions: the client is to bring a new token. */
  expire(): void;
  /** For how long nothing has run. */
  readonly idleForMs: number;
  /** Calls back once no query or mutation is under way. */
  whenAnswered(done: () => void): void;
}

interface Operation {
  readonly aborter: Aborter;
  running?: RunningSubscription;
}

export function createOperations<Context extends FetchContext, S extends Session>(
  send: (text: string) => void,
  headers: IncomingHttpHeaders,
  { engine, hooks, faults, limits, socket }: SocketOptions<Context, S> & { readonly socket: WebSocket },
): Operations<S> {
  const operations = new Map<string, Operation>();
  /** Operations that are not subscriptions, or not yet known to be. */
  let answering = 0;
  let idleSince = performance.now();
  let whenAnswered: (() => void) | undefined;

  const remove = (id: string) => {
    operations.delete(id);
    if (operations.size === 0) idleSince = performance.now();
  };
  const leave = (id: string) => {
    const operation = operations.get(id);
    if (!operation) return;
    remove(id);
    operation.aborter.abort();
    operation.running?.leave();
  };
  const sendError = (id: string, errors: readonly GraphQLFormattedError[]) =>
    send(JSON.stringify({ id, type: 'error', payload: errors }));

  const subscriberOf = (id: string): Subscriber => {
    const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    return {
      next: ({ json }) => send(`${head}${json}}`),
      end({ errors }) {
        remove(id);
        if (errors) sendError(id, errors);
        else send(JSON.stringify({ id, type: 'complete' }));
      },
      get unsentBytes() {
        return socket.bufferedAmount;
      },
    };
  };

  const run = async (
    id: string,
    operation: Operation,
    { query, operationName, variables, extensions }: SubscribePayload,
    session: S,
  ) => {
    const { signal } = operation.aborter;
    if ((session.expiresAt ?? Infinity) <= Date.now()) throw unauthenticated();
    const request = prepare(engine, { query, operationName, variables });
    const call: Call<S> = {
      headers,
      transport: 'websocket',
      session,
      request,
      extensions: extensions ?? {},
      signal,
    };
    if (request.operation.operation === OperationTypeNode.SUBSCRIPTION) {
      const context = await hooks.contextOf(call);
      // Set before anything is handed over: the source may end at once.
      if (!signal.aborted) operation.running = engine.subscribe(request, context, subscriberOf(id));
      return;
    }
    const { result } = await answer(engine, hooks, call);
    if (signal.aborted) return;
    remove(id);
    send(JSON.stringify({ id, type: 'next', payload: result }));
    send(JSON.stringify({ id, type: 'complete' }));
  };

  const refuseOperation = (id: string, thrown: unknown) => {
    remove(id);
    sendError(id, faults.refuse(thrown, { headers }).errors);
  };

  return {
    has: (id) => operations.has(id),
    begin(id, payload, session) {
      if (operations.size >= limits.maxOperations) {
        sendError(id, faults.refuse(tooMany(limits.maxOperations), { headers }).errors);
        return;
      }
      const operation: Operation = { aborter: createAborter() };
      operations.set(id, operation);
      answering += 1;
      run(id, operation, payload, session)
        .catch((thrown: unknown) => {
          if (!operation.aborter.signal.aborted) refuseOperation(id, thrown);
        })
        .finally(() => {
          answering -= 1;
          if (answering === 0) whenAnswered?.();
        });
    },
    leave,
    leaveAll() {
      for (const id of [...operations.keys()]) leave(id);
    },
    expire() {
      const { errors } = faults.refuse(expired(), { headers });
      for (const [id, { running }] of operations) {
        if (!running) continue;
        leave(id);
        sendError(id, errors);
      }
    },
    get idleForMs() {
      return operations.size > 0 ? 0 : performance.now() - idleSince;
    },
    whenAnswered(done) {
      whenAnswered = done;
      if (answering === 0) done();
    },
  };
}

const unauthenticated = () =>
  codedError('UNAUTHENTICATED', 'The token has expired; send a new one in a ping.');

const tooMany = (max: number) =>
  codedError('TOO_MANY_OPERATIONS', `More than ${max} operations run on this connection.`);
