import { getArgumentValues } from 'graphql';
import { createInternalError } from '../shared/errors.js';
import type { PreparedRequest, RejectedRequest } from '../operations/request-preparer.js';
import type { Subscription } from './execute-event.js';
import { Refusal } from './refusals.js';
import type { SubscriptionArguments, SubscriptionSource, SubscriptionSources } from './source.js';

/**
 * The subscription that a request asks for, and where its events come from.
 * @throws Refusal
 */
export function subscribed<Context>(
  request: PreparedRequest | RejectedRequest,
  sources: SubscriptionSources<Context>,
): { subscription: Subscription; source: SubscriptionSource<Context> } {
  if ('errors' in request) throw new Refusal(request.errors);
  const { subscriptionPlan } = request;
  const source = subscriptionPlan && sources[subscriptionPlan.eventSubgraph.fieldName];
  // A caller of this package's gave an operation of another kind.
  if (!source) throw new Refusal([createInternalError()]);
  return { subscription: { ...request, subscriptionPlan }, source };
}

/** What the field is asked for, and from where on: a cursor is a text. */
export function argumentsOf(
  { supergraph: { apiSchema }, subscriptionPlan: { rootField }, variables }: Subscription,
  { resumeArgument = '' }: Pick<SubscriptionSource, 'resumeArgument'>,
): { args: SubscriptionArguments; after: string | undefined } {
  const definition = apiSchema.getSubscriptionType()?.getFields()[rootField.name.value];
  const given = definition ? getArgumentValues(definition, rootField, variables) : {};
  const { [resumeArgument]: cursor, ...args } = given;
  return { args, after: typeof cursor === 'string' ? cursor : undefined };
}
