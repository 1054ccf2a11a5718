import type { ApolloServer } from '@apollo/server';
import { laterToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import { codedError, type Executor, type PreparedRequest } from '@seguridad-abc/executor';
import { correlationIdFrom, CORRELATION_HEADER, messageOf, withCorrelationId } from '@seguridad-abc/platform';
import { GraphQLError, type ExecutionArgs, type FormattedExecutionResult } from 'graphql';
import type { Context, OperationResult, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { readToken } from '../consistency/read-token.js';
import { requestContext, type RequestContext } from '../http/request-context.js';
import { answersOf } from './answers.js';
import { sessions, type Session } from './session.js';

export interface OperationsOptions {
  readonly executor: Executor<RequestContext>;
  readonly server: ApolloServer<RequestContext>;
}

type SocketContext = Context<Record<string, unknown>, Extra>;

/** One operation of a socket, between its preparation and its execution. */
interface Call {
  readonly request: PreparedRequest;
  readonly payload: SubscribePayload;
  readonly correlationId: string;
  readonly session: Session;
  /** What the operation must see at least. */
  readonly mustSee: ConsistencyToken | undefined;
}

const callOf = ({ contextValue }: ExecutionArgs): Call => contextValue as Call;

/**
 * How graphql-ws executes operations: subscriptions by the executor, queries and mutations as they are over HTTP.
 * Nothing here throws, since graphql-ws would close the socket with all that runs on it.
 */
export function operations({
  executor,
  server,
}: OperationsOptions): ServerOptions<Record<string, unknown>, Extra> {
  const sessionOf = sessions();

  const onSubscribe = ({ extra }: SocketContext, _id: string, payload: SubscribePayload) => {
    const request = executor.prepare(payload);
    if ('errors' in request) return request.errors;
    const correlationId = correlationIdFrom(extra.request.headers[CORRELATION_HEADER]);
    const session = sessionOf(extra);
    let mustSee: ConsistencyToken | undefined;
    try {
      mustSee = laterToken(session.written, readToken(payload.extensions));
    } catch (error) {
      return [asGraphQLError(error)];
    }
    const call: Call = { request, payload, correlationId, session, mustSee };
    return {
      schema: executor.schema,
      document: request.document,
      operationName: request.operation.name?.value,
      contextValue: call,
    };
  };

  const subscribe = (args: ExecutionArgs): OperationResult => {
    const { request, correlationId, mustSee } = callOf(args);
    return asResult(
      withCorrelationId(correlationId, () =>
        answersOf((subscriber) =>
          executor.subscribe(request, requestContext(correlationId, mustSee), subscriber),
        ),
      ),
    );
  };

  const execute = async (args: ExecutionArgs) => {
    const { payload, correlationId, session, mustSee } = callOf(args);
    const { query, operationName, variables } = payload;
    const contextValue = requestContext(correlationId, mustSee);
    try {
      const { body } = await withCorrelationId(correlationId, () =>
        server.executeOperation(
          { query, ...(operationName && { operationName }), ...(variables && { variables }) },
          { contextValue },
        ),
      );
      session.wrote(contextValue.consistency.written);
      return asResult(body.kind === 'single' ? body.singleResult : body.initialResult);
    } catch {
      // Whatever an operation does wrong is in its result: it is the server that takes no more.
      return asResult({ errors: [shuttingDown()] });
    }
  };

  return {
    onSubscribe,
    subscribe,
    execute,
    onNext: (...[, , , , result]) => result as unknown as FormattedExecutionResult,
  };
}

const asGraphQLError = (error: unknown): GraphQLError =>
  new GraphQLError(messageOf(error), { originalError: error instanceof Error ? error : null });

/** Results are formatted already; `onNext` sends them as they stand, so that graphql-ws needs no errors of a class. */
const asResult = (result: unknown) => result as Awaited<OperationResult>;

const shuttingDown = () =>
  codedError('SERVER_SHUTTING_DOWN', 'The server is shutting down; try again in a moment.').toJSON();
