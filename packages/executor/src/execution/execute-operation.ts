import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { OperationContext } from '../data-sources/data-source.js';
import type { Logger } from '../shared/logger.js';
import type { InFlightRequests } from './in-flight-requests.js';
import { allFaults } from './mark.js';
import type { CompiledOperation } from './compile-operation.js';
import type { DataSources, Run } from './execution-state.js';
import { shapeObject, type Shaping } from './response-projection.js';
import { tellLoose } from './telling.js';

/** What an execution needs of its surroundings. */
export interface ExecutionEnvironment {
  readonly dataSources: DataSources;
  /** Of all executions over the same data sources. */
  readonly inFlightRequests: InFlightRequests;
  /** Most entities that one request asks for. @default 1_000 */
  readonly maxEntities?: number | undefined;
  /** What clients call a subgraph of a plan. @default what the plan calls it */
  readonly serviceName?: (source: string) => string;
  /** Where the context has none. */
  readonly logger: Logger;
}

export interface ExecutionRequest {
  /** Coerced, defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: OperationContext;
  readonly formatError: (error: GraphQLError) => GraphQLFormattedError;
}

/** Executes a program. It never rejects: whatever goes wrong is in the answer's errors. */
export async function executeOperation(
  program: CompiledOperation,
  { variables, context, formatError }: ExecutionRequest,
  {
    dataSources,
    inFlightRequests,
    maxEntities = 1_000,
    serviceName = (source) => source,
    logger,
  }: ExecutionEnvironment,
): Promise<FormattedExecutionResult> {
  const run: Run = {
    types: program.types,
    tree: {},
    shared: new Set(),
    memo: undefined,
    faults: undefined,
    markings: [],
    visits: undefined,
    asked: 0,
    isAgain: false,
    variables,
    context,
    dataSources,
    flights: inFlightRequests,
    maxEntities,
    serviceName,
    logger,
  };
  await program.step?.(run);
  if (program.introspect) Object.assign(run.tree, program.introspect(variables));
  const shaping: Shaping = {
    path: [],
    errors: [],
    faults: allFaults(run),
    told: undefined,
    serviceName,
    shared: run.shared,
    shaped: undefined,
  };
  const data = shapeObject(program.shape, run.tree, shaping);
  if (shaping.faults) {
    tellLoose(shaping);
    logUntold(shaping, context.logger?.() ?? logger);
  }
  if (shaping.errors.length === 0) return { data };
  return { errors: shaping.errors.map((error) => formatError(error)), data };
}

/** Nobody hears of errors of fields that no client asked for; they may be why others are null. */
function logUntold({ faults, told }: Shaping, logger: Logger): void {
  for (const fault of faults?.all ?? []) {
    if (!told?.has(fault)) logger.debug({ fault }, 'an error of a field that the client did not ask for');
  }
}
