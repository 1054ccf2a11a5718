import { LRUCache } from 'lru-cache';
import { stringifyJson } from '../shared/exact-json.js';
import { getJsonProperty } from '../shared/json.js';
import type { VariableValues } from '../planning/query-planner.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { estimateCost, listCostVariables } from './estimate-cost.js';
import type { ParsedOperation } from './parse-operation.js';

/** The costs of one operation by the values of the variables that can change it. */
export interface OperationCostCache {
  /** @throws GraphQLError BAD_USER_INPUT if a field needs exactly one slicing argument and has none or several */
  getCost(variables: VariableValues): number;
}

/** Maximum number of combinations of values per operation. */
const MAX_COSTS_PER_OPERATION = 64;
/** Costs of longer values are estimated for each request. */
const MAX_COST_KEY_LENGTH = 200;

export function createOperationCostCache(
  { apiSchema, costModel }: LoadedSupergraph,
  { document, operation }: ParsedOperation,
): OperationCostCache {
  const estimate = (variables: VariableValues) =>
    estimateCost(apiSchema, costModel, document, operation, variables);
  const names = listCostVariables(costModel, document);
  if (names.length === 0) {
    let onlyCost: number | undefined;
    return { getCost: (variables) => (onlyCost ??= estimate(variables)) };
  }
  const costs = new LRUCache<string, number>({ max: MAX_COSTS_PER_OPERATION });
  return {
    getCost(variables) {
      let key = '';
      for (const name of names) key += `${toKeyPart(getJsonProperty(variables, name))},`;
      const known = costs.get(key);
      if (known !== undefined) return known;
      const cost = estimate(variables);
      if (key.length <= MAX_COST_KEY_LENGTH) costs.set(key, cost);
      return cost;
    },
  };
}

/** An absent value differs from null: the argument then has its default. */
const toKeyPart = (value: unknown): string => (value === undefined ? '' : stringifyJson(value));
