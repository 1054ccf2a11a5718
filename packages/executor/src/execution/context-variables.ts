import { EVERY_ELEMENT, PARENT_OBJECT, type KeyRenamer, type PlanPath } from '../planning/query-planner.js';
import { getJsonProperty, isJsonObject, type JsonObject } from '../shared/json.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';

/*
 * Arguments that are filled from the objects above an entity: `@context` and `@fromContext`.
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#context
 */

/**
 * Reads variables from the objects above an entity.
 * @param ancestors the objects from the root to the entity
 * @returns the variables as members of a JSON object. A value that is missing is null
 */
export type ReadContext = (ancestors: readonly JsonObject[]) => string;

const TYPE_CONDITION_PREFIX = '... on ';

/** @returns `undefined` if there are no rewrites */
export function compileContext(
  rewrites: readonly KeyRenamer[],
  typeConditions: TypeConditionEvaluator,
): ReadContext | undefined {
  if (rewrites.length === 0) return undefined;
  const rewritesByVariable = new Map<string, KeyRenamer[]>();
  for (const rewrite of rewrites) {
    const alternatives = rewritesByVariable.get(rewrite.renameKeyTo) ?? [];
    rewritesByVariable.set(rewrite.renameKeyTo, [...alternatives, rewrite]);
  }
  const read = (value: unknown, path: readonly string[]): unknown => {
    const [step, ...rest] = path;
    if (step === undefined) return value;
    if (Array.isArray(value)) return value.map((element) => read(element, path));
    if (!isJsonObject(value)) return value;
    if (!step.startsWith(TYPE_CONDITION_PREFIX)) return read(getJsonProperty(value, step), rest);
    const { __typename: typename } = value;
    const condition = step.slice(TYPE_CONDITION_PREFIX.length);
    const isSatisfied = typename === undefined || typeConditions.isSatisfied(typename, condition);
    return isSatisfied ? read(value, rest) : undefined;
  };
  return (ancestors) => {
    const members: string[] = [];
    for (const [variable, alternatives] of rewritesByVariable) {
      let value: unknown;
      for (const { path } of alternatives) {
        const parentSteps = path.filter((step) => step === PARENT_OBJECT).length;
        value ??= read(ancestors.at(-1 - parentSteps), path.slice(parentSteps));
      }
      members.push(`${JSON.stringify(variable)}:${JSON.stringify(value ?? null)}`);
    }
    return members.join(',');
  };
}

/** Groups the objects at a path by the variables that they read from the objects above them. */
export function groupByContext(
  data: JsonObject,
  path: PlanPath,
  readContext: ReadContext,
): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  const ancestors: JsonObject[] = [];
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    const step = path[depth];
    if (Array.isArray(value)) {
      for (const element of value) collect(element, step === EVERY_ELEMENT ? depth + 1 : depth);
      return;
    }
    const object = value as JsonObject;
    if (typeof step === 'object') {
      const { __typename: typename } = object;
      if (typename === undefined || step.types.includes(typename as string)) collect(object, depth + 1);
      return;
    }
    ancestors.push(object);
    if (step === undefined) {
      const variables = readContext(ancestors);
      const group = groups.get(variables);
      if (group) group.push(object);
      else groups.set(variables, [object]);
    } else collect(getJsonProperty(object, step), depth + 1);
    ancestors.pop();
  };
  collect(data, 0);
  return groups;
}
