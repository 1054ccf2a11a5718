import { getVariableValues, GraphQLError, OperationTypeNode } from 'graphql';
import { createLruCache } from '../shared/lru-cache.js';
import { createCodedError, createInternalError, addDefaultErrorCode } from '../shared/errors.js';
import type { Logger } from '../shared/logger.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { PlanningError } from '../planning/plan.js';
import type { SettledRequest, VariableValues } from './operation-plan-cache.js';
import { prepareOperation, type PreparedOperation, type PrepareOptions } from './parse-operation.js';

export interface GraphQLRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A request that is valid in every part. */
export interface PreparedRequest extends Omit<PreparedOperation, 'settler'>, SettledRequest {
  readonly supergraph: LoadedSupergraph;
  /** What it was prepared from, to be prepared again for another supergraph. */
  readonly originalRequest: GraphQLRequest;
}

export interface RejectedRequest {
  readonly errors: readonly GraphQLError[];
}

export interface RequestPreparerOptions extends PrepareOptions {
  /** How many operations stay prepared. */
  readonly capacity: number;
  readonly logger: Logger;
}

export interface UsedOperation {
  readonly asked: GraphQLRequest;
  /** Each set of values that its conditions had. */
  readonly conditions: readonly VariableValues[];
}

/** An operation that was asked for before. */
interface Known {
  readonly asked: GraphQLRequest;
  readonly operation: PreparedOperation;
}

const MAX_VARIABLE_ERRORS = 50;

/** Prepares requests over one supergraph, each distinct operation once. */
export interface RequestPreparer {
  /** Never throws. */
  prepare(request: GraphQLRequest): PreparedRequest | RejectedRequest;
  /** Plans an operation that is likely to be asked for. What is wrong with it is told when it is. */
  warm(used: UsedOperation): void;
  /** The operations that were used last, the latest at the end. */
  recent(count: number): readonly UsedOperation[];
}

export function createRequestPreparer(
  supergraph: LoadedSupergraph,
  { capacity, logger, ...options }: RequestPreparerOptions,
): RequestPreparer {
  const operations = createLruCache<Known>(capacity);

  const prepared = ({ query, operationName }: GraphQLRequest): PreparedOperation | RejectedRequest => {
    const name = operationName ?? undefined;
    // No name or document that is kept has the character between.
    const key = name === undefined ? query : `${name}\0${query}`;
    const known = operations.get(key);
    if (known) return known.operation;
    const operation = prepareOperation(supergraph, query, name, options);
    if (!('settler' in operation)) return { errors: operation };
    operations.set(key, { asked: { query, operationName: name }, operation });
    return operation;
  };

  const prepare: RequestPreparer['prepare'] = (request) => {
    try {
      const known = prepared(request);
      if ('errors' in known) return known;
      const { document, operation, settler } = known;
      const { errors, coerced } = getVariableValues(
        supergraph.apiSchema,
        operation.variableDefinitions ?? [],
        request.variables ?? {},
        { maxErrors: MAX_VARIABLE_ERRORS, hideSuggestions: options.hideSuggestions },
      );
      if (errors) return { errors: errors.map((error) => addDefaultErrorCode(error, 'BAD_USER_INPUT')) };
      return { ...settler.settle(coerced), document, operation, supergraph, originalRequest: request };
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      logger.error({ err: error, query: request.query }, 'an operation cannot be prepared');
      const isEvent = error instanceof PlanningError && error.operation === OperationTypeNode.SUBSCRIPTION;
      return { errors: [isEvent ? unplannable() : createInternalError(error)] };
    }
  };
  return {
    prepare,
    warm({ asked, conditions }) {
      try {
        const known = prepared(asked);
        if (!('errors' in known)) for (const each of conditions) known.settler.settle(each);
      } catch {
        // Whoever asks for it is answered with why.
      }
    },
    recent: (count) =>
      operations
        .values()
        .slice(-count)
        .map(({ asked, operation: { settler } }) => ({ asked, conditions: settler.conditions })),
  };
}

const unplannable = (): GraphQLError =>
  createCodedError(
    'SUBSCRIPTION_NOT_SUPPORTED',
    'This subscription selects what its events do not carry and no subgraph can add to them.',
  );
