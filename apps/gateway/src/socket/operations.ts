import type { ApolloServer } from '@apollo/server';
import { laterToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import { codedError, rootFieldNames, type Executor, type PreparedRequest } from '@seguridad-abc/executor';
import {
  correlationIdFrom,
  CORRELATION_HEADER,
  messageOf,
  unauthenticated,
  withCorrelationId,
  type Logger,
} from '@seguridad-abc/platform';
import { GraphQLError, type ExecutionArgs, type FormattedExecutionResult } from 'graphql';
import type { Context, OperationResult, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { readToken } from '../consistency/read-token.js';
import type { NewRequestContext, RequestContext } from '../http/request-context.js';
import type { Identify } from '../identity/identify.js';
import { assertPublic, type Openness } from '../identity/public-fields.js';
import { answersOf } from './answers.js';
import { introductions } from './introductions.js';
import { hasExpired, sessions, type Session } from './session.js';
import { untilExpiry } from './until-expiry.js';

export interface OperationsOptions {
  readonly executor: Executor<RequestContext>;
  readonly server: ApolloServer<RequestContext>;
  readonly identify: Identify;
  readonly open: Openness;
  readonly newContext: NewRequestContext;
  /** Wall clock, in ms. */
  readonly now: () => number;
  readonly logger: Logger;
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
export function operations(options: OperationsOptions): ServerOptions<Record<string, unknown>, Extra> {
  const { executor, server, open, newContext, now } = options;
  const sessionOf = sessions(now);

  const onSubscribe = ({ extra }: SocketContext, _id: string, payload: SubscribePayload) => {
    const session = sessionOf(extra);
    if (hasExpired(session.credentials, now()))
      return [asGraphQLError(unauthenticated('The token has expired.'))];
    const request = executor.prepare(payload);
    if ('errors' in request) return request.errors;
    const correlationId = correlationIdFrom(extra.request.headers[CORRELATION_HEADER]);
    let mustSee: ConsistencyToken | undefined;
    try {
      assertPublic(session.credentials, rootFieldNames(request.document, request.operation), open);
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

  const contextOf = ({ correlationId, session, mustSee }: Call) =>
    newContext({ correlationId, credentials: () => session.credentials, mustSee });

  const subscribe = (args: ExecutionArgs): OperationResult => {
    const { request, session } = callOf(args);
    const context = contextOf(callOf(args));
    return asResult(
      withCorrelationId(callOf(args).correlationId, () =>
        answersOf((subscriber) =>
          untilExpiry(session, subscriber, (watched) => executor.subscribe(request, context, watched)),
        ),
      ),
    );
  };

  const execute = async (args: ExecutionArgs) => {
    const { payload, correlationId, session } = callOf(args);
    const { query, operationName, variables } = payload;
    const contextValue = contextOf(callOf(args));
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
    ...introductions({ ...options, sessionOf }),
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
