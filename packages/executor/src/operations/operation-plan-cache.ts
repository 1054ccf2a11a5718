import { LRUCache } from 'lru-cache';
import { compileOperation, type CompiledOperation } from '../execution/compile-operation.js';
import { listConditionVariables } from '../planning/evaluate-skip-include.js';
import type {
  OperationPlan,
  PendingPlan,
  PlanningCaller,
  QueryPlanner,
  RenamedVariable,
  SubscriptionPlan,
  VariableValues,
} from '../planning/query-planner.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import type { ParsedOperation } from './parse-operation.js';

/**
 * The compiled plans of one operation by the values of its conditions (`@skip` and `@include`). Apollo's planner cannot
 * plan an operation for all values at once, see `evaluateSkipInclude`.
 */
export interface OperationPlanCache {
  /** The plan for variable values; `undefined` if there is none yet. */
  get(variables: VariableValues): CachedPlan | undefined;
  /**
   * Plans and compiles the operation for variable values. Callers that ask for the same values at the same time share one plan. It
   * throws, or rejects the promise, what `QueryPlanner.planOperation` throws.
   */
  plan(variables: VariableValues, caller: PlanningCaller): CachedPlan | Promise<CachedPlan>;
  /** Number of cached plans. */
  readonly size: number;
  /** Length of all cached plans as JSON. */
  readonly jsonLength: number;
  /** The cached combinations of condition values, the most recently used one last. */
  readonly conditionValues: readonly VariableValues[];
}

/** Maximum number of combinations of condition values per operation. */
const MAX_PLANS_PER_OPERATION = 32;

/** A compiled plan and the condition values that it is for. */
export interface CachedPlan {
  readonly compiledOperation: CompiledOperation;
  /** Present for subscriptions. */
  readonly subscriptionPlan?: SubscriptionPlan;
  readonly renamedVariable: RenamedVariable | undefined;
  readonly conditionValues: VariableValues;
  readonly jsonLength: number;
}

interface PendingCachedPlan extends Pick<PendingPlan, 'addCaller'> {
  readonly plan: Promise<CachedPlan>;
}

/** @param query the text of the document */
export function createOperationPlanCache(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  { document, operation }: ParsedOperation,
  query: string,
): OperationPlanCache {
  const conditionVariables = listConditionVariables(document);
  // Most operations have no conditions and one plan. To create an LRU cache takes longer than to parse them.
  const plans =
    conditionVariables.length === 0
      ? new Map<string, CachedPlan>()
      : new LRUCache<string, CachedPlan>({ max: MAX_PLANS_PER_OPERATION });
  const pendingPlans = new Map<string, PendingCachedPlan>();

  const createKey = (variables: VariableValues): string => {
    let key = '';
    for (const name of conditionVariables) key += variables[name] === true ? '1' : '0';
    return key;
  };
  const add = (key: string, conditionValues: VariableValues, operationPlan: OperationPlan): CachedPlan => {
    const { subscription, renamedVariable, jsonLength } = operationPlan;
    const cachedPlan: CachedPlan = {
      compiledOperation: compileOperation(supergraph, operationPlan),
      ...(subscription && { subscriptionPlan: subscription }),
      renamedVariable,
      conditionValues,
      jsonLength,
    };
    plans.set(key, cachedPlan);
    return cachedPlan;
  };

  return {
    get: (variables) => plans.get(createKey(variables)),
    plan(variables, caller) {
      const key = createKey(variables);
      const shared = pendingPlans.get(key);
      if (shared?.addCaller(caller)) return shared.plan;
      const conditionValues = Object.fromEntries(
        conditionVariables.map((name) => [name, variables[name] === true]),
      );
      const operationName = operation.name?.value;
      const planned = queryPlanner.planOperation({ document, query, operationName, conditionValues }, caller);
      if (!('addCaller' in planned)) return add(key, conditionValues, planned);
      const pending: PendingCachedPlan = {
        addCaller: (another) => planned.addCaller(another),
        plan: planned.plan
          .then((operationPlan) => add(key, conditionValues, operationPlan))
          .finally(() => {
            if (pendingPlans.get(key) === pending) pendingPlans.delete(key);
          }),
      };
      pendingPlans.set(key, pending);
      return pending.plan;
    },
    get size() {
      return plans.size;
    },
    get jsonLength() {
      return [...plans.values()].reduce((sum, { jsonLength }) => sum + jsonLength, 0);
    },
    get conditionValues() {
      return [...plans.values()].reverse().map(({ conditionValues }) => conditionValues);
    },
  };
}
