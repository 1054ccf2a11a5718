import {
  defaultFieldResolver,
  execute,
  type FormattedExecutionResult,
  type GraphQLFieldResolver,
} from 'graphql';
import type { DataSource, SubgraphRequest, SubgraphResponse } from '../data-sources/data-source.js';
import type { SourceEventPlan, SubscriptionPlan, VariableValues } from '../planning/query-planner.js';
import { toClientError } from '../shared/errors.js';
import { parseJson } from '../shared/exact-json.js';
import { isInheritedName } from '../shared/inherited-names.js';
import { isJsonObject } from '../shared/json.js';
import { selectLogger, type StructuredLogger } from '../shared/logger.js';
import type { CompiledOperation } from './compile-operation.js';
import { executeOperation, serializeClientVariables } from './execute-operation.js';
import type { ExecutionEnvironment, ExecutionRequest } from './execution-state.js';

/** A compiled operation; a subscription has its plan. */
export interface EventOperation {
  readonly compiledOperation: CompiledOperation;
  readonly subscriptionPlan?: SubscriptionPlan | undefined;
}

/**
 * Executes a subscription for one event. Errors are part of the result.
 * @param event the value that a source provides, or the response of the subgraph that provides the events
 * @throws Error if the request is not a subscription
 */
export function executeEvent(
  { compiledOperation, subscriptionPlan }: EventOperation,
  event: unknown,
  request: ExecutionRequest,
  environment: ExecutionEnvironment,
): Promise<FormattedExecutionResult> {
  if (!subscriptionPlan) throw new Error('The request is not a subscription.');
  const { sourceEvent, owner } = subscriptionPlan;
  if (!sourceEvent) {
    // The data source of a subgraph provides its responses.
    const response = event as SubgraphResponse;
    const eventDataSource: DataSource = { fetch: () => Promise.resolve(response) };
    return executeOperation(compiledOperation, request, { ...environment, eventDataSource });
  }
  const { serviceName } = sourceEvent.eventSubgraph;
  const getLogger = () => selectLogger(request.context, environment.logger);
  return executeOperation(compiledOperation, request, {
    ...environment,
    eventDataSource: createEventDataSource(sourceEvent, event, getLogger),
    // Plans name the event's own subgraph; clients know the subgraph that owns the field.
    toClientServiceName: (name) => (name === serviceName ? owner.name : name),
  });
}

/**
 * Creates the request that starts a subscription at the subgraph which provides its events.
 * @param variables coerced, with defaults, under the names that the plan uses
 */
export function createSubscriptionRequest(
  { stages: [sequence] }: CompiledOperation,
  variables: VariableValues,
): SubgraphRequest {
  const eventFetch = sequence?.kind === 'Sequence' ? sequence.nodes[0] : undefined;
  if (eventFetch?.kind !== 'Fetch') throw new Error('The plan does not begin with its event.');
  const { operation } = eventFetch.fetch;
  const members = serializeClientVariables(variables, eventFetch.fetch);
  return { operation, variables: `{${members}}`, entityCount: undefined };
}

/** Resolves fields as graphql-js does, but no field of an event is what all objects inherit, such as `constructor`. */
const resolveEventField: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
  const { fieldName } = info;
  const isInherited = isInheritedName(fieldName) && isJsonObject(source) && !Object.hasOwn(source, fieldName);
  if (isInherited) return undefined;
  const value: unknown = defaultFieldResolver(source, args, context, info);
  return value;
};

/** Answers the event's part of a plan: graphql-js resolves it from the value that the source provided. */
function createEventDataSource(
  { document, eventSubgraph }: SourceEventPlan,
  event: unknown,
  getLogger: () => StructuredLogger,
): DataSource {
  const { fieldName, schema } = eventSubgraph;
  const value =
    event instanceof Error
      ? toClientError(event, getLogger(), 'subscription source failed', { field: fieldName })
      : event;
  return {
    async fetch({ variables }) {
      const { data, errors } = await execute({
        schema,
        document,
        rootValue: { [fieldName]: value },
        fieldResolver: resolveEventField,
        variableValues: parseJson(variables) as Record<string, unknown>,
      });
      return {
        data: data ?? null,
        ...(errors && { errors: errors.map((error) => error.toJSON()) }),
      };
    },
  };
}
