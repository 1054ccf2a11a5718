import { LRUCache } from 'lru-cache';
import {
  compileOperation,
  type CompiledOperation,
  type DeniedAccess,
} from '../execution/compile-operation.js';
import { createQueryPlan, type QueryPlan } from '../planning/query-plan.js';
import { listConditionVariables } from '../planning/evaluate-skip-include.js';
import { listDeferConditions } from '../planning/defer-conditions.js';
import { getOverrideCondition } from '../planning/override-conditions.js';
import type {
  OperationPlan,
  PendingPlan,
  PlanningCaller,
  QueryPlanner,
  RenamedVariable,
  SubscriptionPlan,
  VariableValues,
} from '../planning/query-planner.js';
import { createAccessFilter } from '../supergraph/access-filter.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import type { OperationAccess } from './operation-access.js';
import type { ParsedOperation } from './parse-operation.js';

/**
 * The compiled plans of one operation by the values of its conditions (`@skip`, `@include` and `@defer`), and by what its client may
 * not access. Apollo's planner cannot plan an operation for all values at once, see `evaluateSkipInclude`.
 */
export interface OperationPlanCache {
  /** The labels of `@override(label:)` whose values belong to the variables, see `getOverrideCondition`. */
  readonly overrideLabels: readonly string[];
  /** The conditions whose values belong to the variables if the client accepts parts, see `listDeferConditions`. */
  readonly deferConditions: readonly string[];
  /**
   * The plan for variable values; `undefined` if there is none yet.
   * @param unmetRequirements see `AccessDecision`
   */
  get(variables: VariableValues, unmetRequirements: readonly string[]): CachedPlan | undefined;
  /**
   * Plans and compiles the operation for variable values. Callers that ask for the same values at the same time share one plan. It
   * throws, or rejects the promise, what `QueryPlanner.planOperation` throws.
   */
  plan(
    variables: VariableValues,
    unmetRequirements: readonly string[],
    caller: PlanningCaller,
  ): CachedPlan | Promise<CachedPlan>;
  /** Number of cached plans. */
  readonly size: number;
  /** Length of all cached plans as JSON. */
  readonly jsonLength: number;
  /** What the cached plans are for, the most recently used one last. */
  readonly variants: readonly PlanVariant[];
}

/** What a plan of an operation is for. */
export interface PlanVariant {
  readonly conditionValues: VariableValues;
  /** See `AccessDecision`. */
  readonly unmetRequirements: readonly string[];
}

/** Maximum number of plans per operation. */
const MAX_PLANS_PER_OPERATION = 32;

/** A compiled plan and what it is for. */
export interface CachedPlan extends PlanVariant {
  readonly compiledOperation: CompiledOperation;
  readonly queryPlan: QueryPlan;
  /** Present for subscriptions. */
  readonly subscriptionPlan?: SubscriptionPlan;
  readonly renamedVariable: RenamedVariable | undefined;
  readonly jsonLength: number;
}

interface PendingCachedPlan extends Pick<PendingPlan, 'addCaller'> {
  readonly plan: Promise<CachedPlan>;
}

/** The operation of a plan cache. */
export interface PlannableOperation {
  readonly parsedOperation: ParsedOperation;
  /** The text of the document. */
  readonly query: string;
  /** `undefined` if everyone may access everything that the operation selects. */
  readonly access: OperationAccess | undefined;
  /** Whether the operation is executed unchanged, with errors for what its client may not access. */
  readonly isDryRun: boolean;
}

export function createOperationPlanCache(
  supergraph: LoadedSupergraph,
  queryPlanner: QueryPlanner,
  { parsedOperation: { document, operation }, query, access, isDryRun }: PlannableOperation,
): OperationPlanCache {
  const overrideLabels = queryPlanner.findOverrideLabels(document);
  const deferConditions = listDeferConditions(document, operation);
  const conditionVariables = [
    ...listConditionVariables(document),
    ...deferConditions,
    ...overrideLabels.map((label) => getOverrideCondition(label)),
  ];
  // Most operations have one plan for everyone. To create an LRU cache takes longer than to parse them.
  const hasOnePlan = conditionVariables.length === 0 && access === undefined;
  const plans = hasOnePlan
    ? new Map<string, CachedPlan>()
    : new LRUCache<string, CachedPlan>({ max: MAX_PLANS_PER_OPERATION });
  const pendingPlans = new Map<string, PendingCachedPlan>();

  const createKey = (variables: VariableValues, unmetRequirements: readonly string[]): string => {
    let key = '';
    for (const name of conditionVariables) key += variables[name] === true ? '1' : '0';
    return unmetRequirements.length > 0 ? `${key}${unmetRequirements.join('\n')}` : key;
  };
  const findDeniedAccess = ({
    conditionValues,
    unmetRequirements,
  }: PlanVariant): DeniedAccess | undefined => {
    const { accessRules } = supergraph;
    if (!access || !accessRules || unmetRequirements.length === 0) return undefined;
    return isDryRun
      ? {
          filter: undefined,
          reportedPaths: access.findDenied(unmetRequirements, conditionValues).paths,
        }
      : { filter: createAccessFilter(accessRules, unmetRequirements), reportedPaths: [] };
  };
  const add = (key: string, variant: PlanVariant, operationPlan: OperationPlan): CachedPlan => {
    const { subscription, renamedVariable, jsonLength } = operationPlan;
    const cachedPlan: CachedPlan = {
      compiledOperation: compileOperation(supergraph, operationPlan, findDeniedAccess(variant)),
      queryPlan: createQueryPlan(operationPlan),
      ...(subscription && { subscriptionPlan: subscription }),
      ...variant,
      renamedVariable,
      jsonLength,
    };
    plans.set(key, cachedPlan);
    return cachedPlan;
  };

  return {
    overrideLabels,
    deferConditions,
    get: (variables, unmetRequirements) => plans.get(createKey(variables, unmetRequirements)),
    plan(variables, unmetRequirements, caller) {
      const key = createKey(variables, unmetRequirements);
      const shared = pendingPlans.get(key);
      if (shared?.addCaller(caller)) return shared.plan;
      const conditionValues = Object.fromEntries(
        conditionVariables.map((name) => [name, variables[name] === true]),
      );
      const variant = { conditionValues, unmetRequirements };
      const operationName = operation.name?.value;
      const planned = queryPlanner.planOperation(
        {
          document,
          query,
          operationName,
          conditionValues,
          ...(!isDryRun && unmetRequirements.length > 0 && { unmetRequirements }),
        },
        caller,
      );
      if (!('addCaller' in planned)) return add(key, variant, planned);
      const pending: PendingCachedPlan = {
        addCaller: (another) => planned.addCaller(another),
        plan: planned.plan
          .then((operationPlan) => add(key, variant, operationPlan))
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
    get variants() {
      return [...plans.values()]
        .reverse()
        .map(({ conditionValues, unmetRequirements }) => ({ conditionValues, unmetRequirements }));
    },
  };
}
