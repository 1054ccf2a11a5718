import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import { execute, GraphQLError, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import { clientPath, heardAs, internalError, ofService } from '../errors.js';
import type { Logger } from '../logger.js';
import type { PreparedRequest } from '../operations/requests.js';
import type { SubscriptionPlan } from './plan.js';

export type DataSources = Readonly<Record<string, GraphQLDataSource>>;

/** What the executor needs of its surroundings, for every event. */
export interface EventRuntime {
  readonly dataSources: DataSources;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
  readonly logger: Logger;
}

/** A prepared subscription. */
export interface Subscription extends PreparedRequest {
  readonly plan: SubscriptionPlan;
}

type RequestContext = Parameters<typeof executeQueryPlan>[2];
type PlanResult = Awaited<ReturnType<typeof executeQueryPlan>>;

/** Answers a subscription for one event. Whatever goes wrong is in the answer's errors. */
export async function executeEvent(
  /** With what is handed to the data sources. */
  subscription: Subscription & { readonly context: object },
  event: unknown,
  { dataSources, formatError, logger }: EventRuntime,
): Promise<FormattedExecutionResult> {
  const { supergraph, plan, document, operation, variables, context } = subscription;
  const services = {
    ...dataSources,
    [plan.events.service]: eventSource(plan, event, logger),
  };
  const request = {
    logger,
    context,
    document,
    operation,
    operationName: operation.name?.value ?? null,
    request: { variables },
    schema: supergraph.apiSchema,
    metrics: {},
    // Of no use to the execution of a plan, and wanted by the type.
    source: '',
    queryHash: '',
    cache: undefined,
    overallCachePolicy: undefined,
  } as unknown as RequestContext;

  const { data, errors, extensions } = await executeQueryPlan(
    plan.steps,
    services,
    request,
    plan.operationContext,
    supergraph.supergraphSchema,
    supergraph.api,
  ).catch(
    // It throws where a subgraph's data is of another shape than its schema says.
    (error: unknown): PlanResult => ({ data: null, errors: [error as GraphQLError] }),
  );
  const faults: readonly unknown[] = errors ?? completionFaults(extensions);
  return {
    data: data ?? null,
    ...(faults.length > 0 && {
      errors: faults.map((fault) => {
        const formatted = formatError(presentable(fault, plan, logger));
        const path = clientPath(formatted.path);
        return path === undefined ? formatted : { ...formatted, path };
      }),
    }),
  };
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
function presentable(fault: unknown, { events }: SubscriptionPlan, logger: Logger): GraphQLError {
  if (!(fault instanceof GraphQLError)) {
    logger.error({ err: fault }, 'a plan was not executed to its end');
    return internalError();
  }
  return fault.extensions['serviceName'] === events.service ? ofService(fault, events.owner.name) : fault;
}

/** A null where none may be, in data that came without an error: @apollo/gateway tells it beside the answer only. */
function completionFaults(extensions: Record<string, unknown> | undefined): readonly unknown[] {
  const faults = extensions?.['valueCompletion'];
  return Array.isArray(faults) ? faults : [];
}
