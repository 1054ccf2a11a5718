import { compileOperation, type CompiledOperation } from '../execution/compile-operation.js';
import { listConditionVariables } from '../planning/evaluate-skip-include.js';
import type { QueryPlanner, SubscriptionPlan, VariableValues } from '../planning/query-planner.js';
import { createLruCache } from '../shared/lru-cache.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import type { ParsedOperation } from './parse-operation.js';

/** An operation that is compiled for the values of its conditions, and its variable values. */
export interface PlannedOperation {
  readonly compiledOperation: CompiledOperation;
  /** Present for subscriptions. */
  readonly subscriptionPlan?: SubscriptionPlan;
  /** Coerced, with defaults, under the names that the plan uses. */
  readonly variables: VariableValues;
}

/**
 * The compiled plans of one operation by the values of its conditions (`@skip` and `@include`). Apollo's planner cannot
 * plan an operation for all values at once, see `evaluateSkipInclude`.
 */
export interface OperationPlanCache {
  /**
   * Returns the compiled operation for variable values; plans and compiles it on first use.
   * @throws PlanningError if there is no plan
   * @throws GraphQLError with the code SUBSCRIPTION_NOT_SUPPORTED if a subscription field has no source of events
   */
  getPlannedOperation(variables: VariableValues): PlannedOperation;
  /** The cached combinations of condition values, the most recently used one last. */
  readonly conditionValues: readonly VariableValues[];
}

/** Maximum number of combinations of condition values per operation. */
const MAX_PLANS_PER_OPERATION = 32;

interface CachedPlan {
  readonly compiled: Omit<PlannedOperation, 'variables'>;
  readonly renameVariables: (values: VariableValues) => VariableValues;
  readonly conditionValues: VariableValues;
}

export function createOperationPlanCache(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  { document, operation }: ParsedOperation,
): OperationPlanCache {
  const conditionVariables = listConditionVariables(document);
  const plans = createLruCache<CachedPlan>(MAX_PLANS_PER_OPERATION);

  const plan = (key: string, variables: VariableValues): CachedPlan => {
    const conditionValues = Object.fromEntries(
      conditionVariables.map((name) => [name, variables[name] === true]),
    );
    const operationPlan = queryPlanner.planOperation({
      document,
      operationName: operation.name?.value,
      conditionValues,
    });
    const { subscription, renameVariables } = operationPlan;
    const cachedPlan: CachedPlan = {
      compiled: {
        compiledOperation: compileOperation(supergraph, operationPlan),
        ...(subscription && { subscriptionPlan: subscription }),
      },
      renameVariables,
      conditionValues,
    };
    plans.set(key, cachedPlan);
    return cachedPlan;
  };

  return {
    getPlannedOperation(variables) {
      const key = conditionVariables.map((name) => (variables[name] === true ? '1' : '0')).join('');
      const { compiled, renameVariables } = plans.get(key) ?? plan(key, variables);
      return { ...compiled, variables: renameVariables(variables) };
    },
    get conditionValues() {
      return plans.values().map(({ conditionValues }) => conditionValues);
    },
  };
}
