import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import type { QueryPlan } from '@apollo/query-planner';
import {
  GraphQLError,
  type DocumentNode,
  type FormattedExecutionResult,
  type OperationDefinitionNode,
} from 'graphql';
import { clientPath, internalError } from '../errors.js';
import type { FetchContext } from '../fetching/data-source.js';
import type { Logger } from '../logger.js';
import type { LoadedSupergraph } from '../supergraph/load.js';

/** By the names of subgraphs. */
export type DataSources = Readonly<Record<string, GraphQLDataSource>>;

/** What execution needs of its surroundings. */
export interface Runtime {
  readonly dataSources: DataSources;
  readonly formatError: (error: GraphQLError) => ReturnType<GraphQLError['toJSON']>;
  readonly logger: Logger;
}

/** An operation with a plan that can be executed as often as one likes. */
export interface Planned {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly steps: QueryPlan;
}

type RequestContext = Parameters<typeof executeQueryPlan>[2];
type PlanResult = Awaited<ReturnType<typeof executeQueryPlan>>;

/** Executes a plan. Whatever goes wrong is in the answer's errors. */
export async function runPlan(
  { apiSchema, supergraphSchema, api }: LoadedSupergraph,
  { document, operation, steps }: Planned,
  {
    variables,
    context,
  }: { readonly variables: Readonly<Record<string, unknown>>; readonly context: FetchContext },
  { dataSources, formatError, logger }: Runtime,
): Promise<FormattedExecutionResult> {
  const operationName = operation.name?.value;
  const request = {
    logger,
    context,
    document,
    operation,
    operationName: operationName ?? null,
    request: { variables },
    schema: apiSchema,
    metrics: {},
    // Of no use to the execution of a plan, and wanted by the type.
    source: '',
    queryHash: '',
    cache: undefined,
    overallCachePolicy: undefined,
  } as unknown as RequestContext;
  const { data, errors, extensions } = await executeQueryPlan(
    steps,
    dataSources,
    request,
    buildOperationContext({
      schema: apiSchema,
      operationDocument: document,
      ...(operationName !== undefined && { operationName }),
    }),
    supergraphSchema,
    api,
  ).catch(
    // It throws where a subgraph's data is of another shape than its schema says.
    (error: unknown): PlanResult => ({ data: null, errors: [error as GraphQLError] }),
  );
  const faults: readonly unknown[] = errors ?? completionFaults(extensions);
  return {
    data: data ?? null,
    ...(faults.length > 0 && {
      errors: faults.map((fault) => {
        if (!(fault instanceof GraphQLError)) {
          logger.error({ err: fault }, 'a plan was not executed to its end');
        }
        const formatted = formatError(fault instanceof GraphQLError ? fault : internalError());
        const path = clientPath(formatted.path);
        return path === undefined ? formatted : { ...formatted, path };
      }),
    }),
  };
}

/** A null where none may be, in data that came without an error: @apollo/gateway tells it beside the answer only. */
function completionFaults(extensions: Record<string, unknown> | undefined): readonly unknown[] {
  const faults = extensions?.['valueCompletion'];
  return Array.isArray(faults) ? faults : [];
}
