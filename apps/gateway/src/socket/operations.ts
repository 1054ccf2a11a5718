import type { ApolloServer } from '@apollo/server';
import { codedError, type Executor, type PreparedRequest } from '@seguridad-abc/executor';
import { correlationIdFrom, CORRELATION_HEADER, withCorrelationId } from '@seguridad-abc/platform';
import type { ExecutionArgs, FormattedExecutionResult } from 'graphql';
import type { Context, OperationResult, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { requestContext, type RequestContext } from '../http/request-context.js';

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
  const onSubscribe = ({ extra }: SocketContext, _id: string, payload: SubscribePayload) => {
    const request = executor.prepare(payload);
    if ('errors' in request) return request.errors;
    const correlationId = correlationIdFrom(extra.request.headers[CORRELATION_HEADER]);
    const call: Call = { request, payload, correlationId };
    return {
      schema: executor.schema,
      document: request.document,
      operationName: request.operation.name?.value,
      contextValue: call,
    };
  };

  const subscribe = (args: ExecutionArgs): OperationResult => {
    const { request, correlationId } = callOf(args);
    const answers = withCorrelationId(correlationId, () =>
      executor.subscribe(request, requestContext(correlationId)),
    );
    return asResult(answers);
  };

  const execute = async (args: ExecutionArgs) => {
    const { payload, correlationId } = callOf(args);
    const { query, operationName, variables } = payload;
    try {
      const { body } = await withCorrelationId(correlationId, () =>
        server.executeOperation(
          { query, ...(operationName && { operationName }), ...(variables && { variables }) },
          { contextValue: requestContext(correlationId) },
        ),
      );
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

/** Results are formatted already; `onNext` sends them as they stand, so that graphql-ws needs no errors of a class. */
const asResult = (result: unknown) => result as Awaited<OperationResult>;

const shuttingDown = () =>
  codedError('SERVER_SHUTTING_DOWN', 'The server is shutting down; try again in a moment.').toJSON();
