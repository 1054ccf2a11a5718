import type { FormattedExecutionResult } from 'graphql';
import type { OperationContext } from '../../shared/operation-context.js';
import type { GraphQLRequest, PreparedRequest, RejectedRequest } from '../../operations/request-preparer.js';
import type { RunningSubscription, Subscriber } from '../../subscriptions/subscriber.js';
import type { ClientRequest, ClientSession, TransportHooks } from './transport-hooks.js';

/** The part of an executor that transports use. Its methods never throw or reject: errors are part of the results. */
export interface GraphQLEngine<Context extends OperationContext> {
  prepare(request: GraphQLRequest): PreparedRequest | RejectedRequest;
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  subscribe(request: PreparedRequest, context: Context, subscriber: Subscriber): RunningSubscription;
}

/** @throws AggregateError with all errors of a rejected request */
export function prepareOrThrow<Context extends OperationContext>(
  engine: GraphQLEngine<Context>,
  request: GraphQLRequest,
): PreparedRequest {
  const prepared = engine.prepare(request);
  if ('errors' in prepared) throw new AggregateError(prepared.errors);
  return prepared;
}

/** The result of a query or mutation, with the HTTP headers that the hooks added. */
export interface ClientResponse {
  readonly result: FormattedExecutionResult;
  readonly headers: Readonly<Record<string, string>>;
}

const NO_HEADERS = {};

/**
 * Executes a query or mutation with the context of the hooks, and adds their response extensions and headers.
 * @throws whatever the hooks throw
 */
export async function executeClientRequest<Context extends OperationContext, Session extends ClientSession>(
  engine: GraphQLEngine<Context>,
  hooks: TransportHooks<Context, Session>,
  clientRequest: ClientRequest<Session>,
): Promise<ClientResponse> {
  // Awaiting a plain value costs a turn of the microtask queue for every request.
  const created = hooks.createContext(clientRequest);
  const context = created instanceof Promise ? await created : created;
  const result = await engine.execute(clientRequest.request, context);
  const { extensions, headers = NO_HEADERS } = hooks.onResponse?.(context, result, clientRequest) ?? {};
  if (!extensions) return { result, headers };
  return { result: { ...result, extensions: { ...result.extensions, ...extensions } }, headers };
}
