import { execute, type FormattedExecutionResult } from 'graphql';
import { toClientError } from '../shared/errors.js';
import {
  executeOperation,
  type ExecutionRequest,
  type ExecutionEnvironment,
} from '../execution/execute-operation.js';
import type { DataSource } from '../data-sources/data-source.js';
import type { Logger } from '../shared/logger.js';
import type { PreparedRequest } from '../operations/request-preparer.js';
import type { SubscriptionPlan } from '../planning/subscription-plan.js';

/** A prepared subscription. */
export interface Subscription extends PreparedRequest {
  readonly subscriptionPlan: SubscriptionPlan;
}

/** Answers a subscription for one event. Whatever goes wrong is in the answer's errors. */
export function executeEvent(
  { compiledOperation, subscriptionPlan }: Subscription,
  event: unknown,
  call: ExecutionRequest,
  runtime: ExecutionEnvironment,
): Promise<FormattedExecutionResult> {
  const { serviceName, owner } = subscriptionPlan.eventSubgraph;
  const logger = call.context.logger?.() ?? runtime.logger;
  return executeOperation(compiledOperation, call, {
    ...runtime,
    dataSources: { ...runtime.dataSources, [serviceName]: eventSource(subscriptionPlan, event, logger) },
    // Plans name the graph of the event, clients know the subgraph that it belongs to.
    serviceName: (source) => (source === serviceName ? owner.name : source),
  });
}

/** The event's own part of a plan: graphql-js answers it from the value that the source gave. */
function eventSource(
  { eventDocument, eventSubgraph }: SubscriptionPlan,
  event: unknown,
  logger: Logger,
): DataSource {
  const { fieldName } = eventSubgraph;
  const value = event instanceof Error ? toClientError(event, logger, { field: fieldName }) : event;
  return {
    async fetch({ variables }) {
      const { data, errors } = await execute({
        schema: eventSubgraph.schema,
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
