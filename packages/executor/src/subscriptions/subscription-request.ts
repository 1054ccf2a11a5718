import { createHash } from 'node:crypto';
import { getArgumentValues, Kind, visit, type DocumentNode, type GraphQLError } from 'graphql';
import { createInternalError } from '../shared/errors.js';
import { stringifyJson } from '../shared/exact-json.js';
import type { PreparedRequest, RejectedRequest } from '../operations/request-preparer.js';
import type { SubscriptionPlan } from '../planning/query-planner.js';
import type {
  SubscriptionArguments,
  SubscriptionSource,
  SubscriptionSources,
} from './subscription-source.js';

/** A prepared request whose operation is a subscription. */
export interface PreparedSubscription extends PreparedRequest {
  readonly subscriptionPlan: SubscriptionPlan;
}

/** Thrown when a subscription cannot start. The subscriber receives `errors`. */
export class SubscriptionRejection extends Error {
  override name = 'SubscriptionRejection';
  constructor(readonly errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '));
  }
}

/**
 * Finds the source of a prepared subscription.
 * @throws SubscriptionRejection if the request was rejected or is not a subscription
 */
export function resolveSubscription<Context>(
  request: PreparedRequest | RejectedRequest,
  sources: SubscriptionSources<Context>,
): { subscription: PreparedSubscription; source: SubscriptionSource<Context> } {
  if ('errors' in request) throw new SubscriptionRejection(request.errors);
  const { subscriptionPlan } = request;
  const source = subscriptionPlan && sources[subscriptionPlan.eventSubgraph.fieldName];
  // The executor's caller passed a query or a mutation.
  if (!source) throw new SubscriptionRejection([createInternalError()]);
  return { subscription: { ...request, subscriptionPlan }, source };
}

/** Splits the arguments of the subscription field into those for the source and the client's cursor. */
export function getSourceArguments(
  { supergraph: { apiSchema }, subscriptionPlan: { rootField }, variables }: PreparedSubscription,
  { resumeArgument = '' }: Pick<SubscriptionSource, 'resumeArgument'>,
): { args: SubscriptionArguments; after: string | undefined } {
  const definition = apiSchema.getSubscriptionType()?.getFields()[rootField.name.value];
  const values = definition ? getArgumentValues(definition, rootField, variables) : {};
  const { [resumeArgument]: cursor, ...args } = values;
  return { args, after: typeof cursor === 'string' ? cursor : undefined };
}

type SharingRequest = Pick<
  PreparedSubscription,
  'document' | 'operation' | 'variables' | 'subscriptionPlan' | 'accessKey'
>;
type SharingSource = Pick<SubscriptionSource, 'dependsOnCaller' | 'resumeArgument'>;

/** Whether the caller can influence the payloads, through the source or through a fetch. */
export const dependsOnCaller = (
  { subscriptionPlan }: SharingRequest,
  { dependsOnCaller = true }: SharingSource,
): boolean => dependsOnCaller || subscriptionPlan.hasSubgraphFetches;

/**
 * Subscribers with the same key receive the same payloads and share one subscription. The key holds the document,
 * operation name, variables, the authorization directives that the caller does not satisfy and, where the caller matters, the
 * authorization. It omits a variable that holds only the
 * cursor, because a cursor changes nothing but the backfill.
 * @param authorizationKey covers everything about the caller that reaches a subgraph or a source
 * @returns undefined if the caller matters and `authorizationKey` is undefined: the subscription is not shared
 */
export function createSharingKey(
  request: SharingRequest,
  source: SharingSource,
  authorizationKey: string | undefined,
): string | undefined {
  const isPersonal = dependsOnCaller(request, source);
  if (isPersonal && authorizationKey === undefined) return undefined;
  const cursor = findCursorVariable(request, source);
  const variables = Object.entries(request.variables)
    .filter(([name]) => name !== cursor)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return stringifyJson([
    getDocumentHash(request.document),
    request.operation.name?.value ?? null,
    variables,
    request.accessKey ?? null,
    isPersonal ? [authorizationKey] : [],
  ]);
}

/** @returns the name of the variable that is used once, as the cursor */
function findCursorVariable(
  { subscriptionPlan, document }: SharingRequest,
  { resumeArgument }: SharingSource,
): string | undefined {
  const argument = subscriptionPlan.rootField.arguments?.find(({ name }) => name.value === resumeArgument);
  if (argument?.value.kind !== Kind.VARIABLE) return undefined;
  const variable = argument.value.name.value;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void (uses += name.value === variable ? 1 : 0),
  });
  return uses === 1 ? variable : undefined;
}

const documentHashes = new WeakMap<DocumentNode, string>();

/** Equal for equal document text, even if it was parsed twice. */
function getDocumentHash(document: DocumentNode): string {
  let hash = documentHashes.get(document);
  if (hash === undefined) {
    hash = createHash('sha256')
      .update(document.loc?.source.body ?? '')
      .digest('base64url');
    documentHashes.set(document, hash);
  }
  return hash;
}
