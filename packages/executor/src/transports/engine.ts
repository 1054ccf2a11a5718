import type { FormattedExecutionResult } from 'graphql';
import type { FetchContext } from '../fetching/data-source.js';
import type { OperationRequest, PreparedRequest, RefusedRequest } from '../operations/requests.js';
import type { RunningSubscription, Subscriber } from '../subscriptions/subscriber.js';
import type { Call, Hooks, Session } from './hooks.js';

/** What the transports ask of an executor. Nothing here throws, or rejects: whatever is wrong is told in the result. */
export interface Engine<Context extends FetchContext> {
  prepare(request: OperationRequest): PreparedRequest | RefusedRequest;
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  subscribe(request: PreparedRequest, context: Context, subscriber: Subscriber): RunningSubscription;
}

/** @throws AggregateError of all that is wrong with the request */
export function prepare<Context extends FetchContext>(
  engine: Engine<Context>,
  request: OperationRequest,
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
export async function answer<Context extends FetchContext, S extends Session>(
  engine: Engine<Context>,
  hooks: Hooks<Context, S>,
  call: Call<S>,
): Promise<Answer> {
  const made = hooks.contextOf(call);
  const context = made instanceof Promise ? await made : made;
  const result = await engine.execute(call.request, context);
  const { extensions, headers = NO_HEADERS } = hooks.answered?.(context, result, call) ?? {};
  if (!extensions) return { result, headers };
  return { result: { ...result, extensions: { ...result.extensions, ...extensions } }, headers };
}
