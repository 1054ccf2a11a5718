import type { FormattedExecutionResult } from 'graphql';
import type { OperationContext } from '../data-sources/data-source.js';
import type { GraphQLRequest, PreparedRequest, RejectedRequest } from '../operations/request-preparer.js';
import type { RunningSubscription, Subscriber } from '../subscriptions/subscriber.js';
import type { ClientRequest, TransportHooks, ClientSession } from './hooks.js';

/** What the transports ask of an executor. Nothing here throws, or rejects: whatever is wrong is told in the result. */
export interface GraphQLEngine<Context extends OperationContext> {
  prepare(request: GraphQLRequest): PreparedRequest | RejectedRequest;
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  subscribe(request: PreparedRequest, context: Context, subscriber: Subscriber): RunningSubscription;
}

/** @throws AggregateError of all that is wrong with the request */
export function prepare<Context extends OperationContext>(
  engine: GraphQLEngine<Context>,
  request: GraphQLRequest,
): PreparedRequest {
  const prepared = engine.prepare(request);
  if ('errors' in prepared) throw new AggregateError(prepared.errors);
  return prepared;
}

/** The answer of a query or mutation, ready to be sent. */
export interface Answer {
  readonly result: FormattedExecutionResult;
  readonly headers: Readonly<Record<string, string>>;
}

const NO_HEADERS = {};

/** Executes a query or mutation, and lets the hooks add to its answer. */
export async function answer<Context extends OperationContext, S extends ClientSession>(
  engine: GraphQLEngine<Context>,
  hooks: TransportHooks<Context, S>,
  call: ClientRequest<S>,
): Promise<Answer> {
  const made = hooks.createContext(call);
  const context = made instanceof Promise ? await made : made;
  const result = await engine.execute(call.request, context);
  const { extensions, headers = NO_HEADERS } = hooks.onResponse?.(context, result, call) ?? {};
  if (!extensions) return { result, headers };
  return { result: { ...result, extensions: { ...result.extensions, ...extensions } }, headers };
}
