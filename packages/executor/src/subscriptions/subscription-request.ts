import { createHash } from 'node:crypto';
import { getArgumentValues, Kind, visit, type DocumentNode, type GraphQLError } from 'graphql';
import { createInternalError } from '../shared/errors.js';
import { stringifyJson } from '../shared/exact-json.js';
import type { OperationContext } from '../shared/operation-context.js';
import type { DataSource, DataSources } from '../data-sources/data-source.js';
import { createSubscriptionRequest } from '../execution/execute-event.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { canSubscribe, createSubgraphEventSource } from './subgraph-event-source.js';
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

/** A prepared subscription and where its events come from. */
export interface ResolvedSubscription<Context> {
  readonly subscription: PreparedSubscription;
  readonly source: SubscriptionSource<Context>;
  /** The arguments for the source. */
  readonly args: SubscriptionArguments;
  /** The client's cursor. */
  readonly after: string | undefined;
  readonly stream: EventStreamIdentity;
}

/** What a running event stream depends on. */
export interface EventStreamIdentity {
  /** What the stream was requested with, as JSON text. */
  readonly requestJson: string;
  /** The data source of the subgraph that provides the events; `undefined` for a source of events. */
  readonly dataSource: DataSource | undefined;
}

/**
 * Finds the source of a prepared subscription. Without a source for its field, the subgraph that owns the field provides the
 * events.
 * @param getDataSources returns the data sources of a supergraph
 * @throws SubscriptionRejection if the request was rejected or is not a subscription
 */
export function resolveSubscription<Context extends OperationContext>(
  request: PreparedRequest | RejectedRequest,
  sources: SubscriptionSources<Context>,
  getDataSources: (supergraph: LoadedSupergraph) => DataSources,
): ResolvedSubscription<Context> {
  if ('errors' in request) throw new SubscriptionRejection(request.errors);
  const { subscriptionPlan } = request;
  // The executor's caller passed a query or a mutation.
  if (!subscriptionPlan) throw new SubscriptionRejection([createInternalError()]);
  const subscription = { ...request, subscriptionPlan };
  const { owner, rootField, sourceEvent } = subscriptionPlan;
  if (sourceEvent) {
    const source = sources[rootField.name.value];
    if (!source) throw new SubscriptionRejection([createInternalError()]);
    const { args, after } = getSourceArguments(subscription, source);
    const stream = { requestJson: stringifyJson(args), dataSource: undefined };
    return { subscription, source, args, after, stream };
  }
  const dataSource = getDataSources(request.supergraph)[owner.name];
  if (!canSubscribe(dataSource)) throw new SubscriptionRejection([createInternalError()]);
  const subgraphRequest = createSubscriptionRequest(request.compiledOperation, request.variables);
  return {
    subscription,
    source: createSubgraphEventSource(dataSource, subgraphRequest),
    args: {},
    after: undefined,
    stream: { requestJson: `${subgraphRequest.operation.query}\n${subgraphRequest.variables}`, dataSource },
  };
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
