import { execute, type FormattedExecutionResult } from 'graphql';
import { heardAs } from '../errors.js';
import { runProgram, type Call, type Runtime } from '../execution/run-program.js';
import type { DataSource } from '../fetching/data-source.js';
import type { Logger } from '../logger.js';
import type { PreparedRequest } from '../operations/requests.js';
import type { SubscriptionPlan } from './plan.js';

/** A prepared subscription. */
export interface Subscription extends PreparedRequest {
  readonly plan: SubscriptionPlan;
}

/** Answers a subscription for one event. Whatever goes wrong is in the answer's errors. */
export function executeEvent(
  { program, plan }: Subscription,
  event: unknown,
  call: Call,
  runtime: Runtime,
): Promise<FormattedExecutionResult> {
  const { service, owner } = plan.events;
  const logger = call.context.logger?.() ?? runtime.logger;
  return runProgram(program, call, {
    ...runtime,
    dataSources: { ...runtime.dataSources, [service]: eventSource(plan, event, logger) },
    // Plans name the graph of the event, clients know the subgraph that it belongs to.
    serviceName: (source) => (source === service ? owner.name : source),
  });
}

/** The event's own part of a plan: graphql-js answers it from the value that the source gave. */
function eventSource({ primary, events }: SubscriptionPlan, event: unknown, logger: Logger): DataSource {
  const { field } = events;
  const value = event instanceof Error ? heardAs(event, logger, { field }) : event;
  return {
    async fetch({ variables }) {
      const { data, errors } = await execute({
        schema: events.schema,
        document: primary,
        rootValue: { [field]: value },
        variableValues: JSON.parse(variables) as Record<string, unknown>,
      });
      return {
        data: data ?? null,
        ...(errors && { errors: errors.map((error) => error.toJSON()) }),
      };
    },
  };
}
