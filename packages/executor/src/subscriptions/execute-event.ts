import type { GraphQLDataSource } from '@apollo/gateway';
import { execute, type FormattedExecutionResult, type GraphQLError } from 'graphql';
import { heardAs, ofService } from '../errors.js';
import { runPlan, type Runtime } from '../execution/run-plan.js';
import type { FetchContext } from '../fetching/data-source.js';
import type { Logger } from '../logger.js';
import type { PreparedRequest } from '../operations/requests.js';
import type { SubscriptionPlan } from './plan.js';

/** One subscriber's request. */
export interface Subscription extends PreparedRequest {
  readonly plan: SubscriptionPlan;
  /** Handed to the data sources. */
  readonly context: FetchContext;
}

/** Answers a subscription for one event. Whatever goes wrong is in the answer's errors. */
export function executeEvent(
  subscription: Subscription,
  event: unknown,
  { dataSources, formatError, logger }: Runtime,
): Promise<FormattedExecutionResult> {
  const { supergraph, plan, document, operation } = subscription;
  const services = {
    ...dataSources,
    [plan.events.service]: eventSource(plan, event, logger),
  };
  return runPlan(supergraph, { document, operation, steps: plan.steps }, subscription, {
    dataSources: services,
    formatError: (error) => formatError(presentable(error, plan)),
    logger,
  });
}

/** The event's own part of a plan: graphql-js answers it from the value that the source gave. */
function eventSource(
  { primary, events }: SubscriptionPlan,
  event: unknown,
  logger: Logger,
): GraphQLDataSource {
  const { field } = events;
  const value = event instanceof Error ? heardAs(event, logger, { field }) : event;
  return {
    async process({ request }) {
      const { data, errors } = await execute({
        schema: events.schema,
        document: primary,
        rootValue: { [field]: value },
        variableValues: request.variables ?? null,
      });
      return {
        data: data ?? null,
        ...(errors && { errors: errors.map((error) => error.toJSON()) }),
      };
    },
  };
}

/** Plans name the graph of the event, clients know the subgraph that it belongs to. */
const presentable = (fault: GraphQLError, { events }: SubscriptionPlan): GraphQLError =>
  fault.extensions['serviceName'] === events.service ? ofService(fault, events.owner.name) : fault;
