import { execute, type FormattedExecutionResult } from 'graphql';
import type { DataSource } from '../data-sources/data-source.js';
import { executeOperation, type ExecutionRequest } from '../execution/execute-operation.js';
import type { ExecutionEnvironment } from '../execution/execution-state.js';
import type { PreparedRequest } from '../operations/request-preparer.js';
import type { SubscriptionPlan } from '../planning/query-planner.js';
import { toClientError } from '../shared/errors.js';
import type { Logger } from '../shared/logger.js';

/**
 * Executes a subscription for one event. Errors are part of the result.
 * @throws Error if the request is not a subscription
 */
export function executeEvent(
  { compiledOperation, subscriptionPlan }: PreparedRequest,
  event: unknown,
  request: ExecutionRequest,
  environment: ExecutionEnvironment,
): Promise<FormattedExecutionResult> {
  if (!subscriptionPlan) throw new Error('The request is not a subscription.');
  const { serviceName: eventService, owner } = subscriptionPlan.eventSubgraph;
  const logger = request.context.logger?.() ?? environment.logger;
  const eventDataSource = createEventDataSource(subscriptionPlan, event, logger);
  return executeOperation(compiledOperation, request, {
    ...environment,
    dataSources: { ...environment.dataSources, [eventService]: eventDataSource },
    // Plans name the event's own subgraph; clients know the subgraph that owns the field.
    toClientServiceName: (name) => (name === eventService ? owner.name : name),
  });
}

/** Answers the event's part of a plan: graphql-js resolves it from the value that the source provided. */
function createEventDataSource(
  { eventDocument, eventSubgraph }: SubscriptionPlan,
  event: unknown,
  logger: Logger,
): DataSource {
  const { fieldName, schema } = eventSubgraph;
  const value =
    event instanceof Error
      ? toClientError(event, logger, 'subscription source failed', { field: fieldName })
      : event;
  return {
    async fetch({ variables }) {
      const { data, errors } = await execute({
        schema,
        document: eventDocument,
        rootValue: { [fieldName]: value },
        variableValues: JSON.parse(variables) as Record<string, unknown>,
      });
      return {
        data: data ?? null,
        ...(errors && { errors: errors.map((error) => error.toJSON()) }),
      };
    },
  };
}
