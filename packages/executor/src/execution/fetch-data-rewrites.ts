import { TYPE_CONDITION_PREFIX, type DataRewrite } from '../planning/query-planner.js';
import { getJsonProperty, isJsonObject, type JsonObject } from '../shared/json.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';

/** Changes the data of a fetch in place. */
export type RewriteData = (data: unknown) => void;

/** Compiles the input or output rewrites of a fetch; `undefined` if there are none. */
export function compileDataRewrites(
  rewrites: readonly DataRewrite[],
  typeConditions: TypeConditionEvaluator,
): RewriteData | undefined {
  if (rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite) => compileDataRewrite(rewrite, typeConditions));
  return (data) => {
    for (const rewrite of compiled) rewrite(data);
  };
}

function compileDataRewrite(rewrite: DataRewrite, typeConditions: TypeConditionEvaluator): RewriteData {
  const name = rewrite.path.at(-1) ?? '';
  return rewrite.path.slice(0, -1).reduceRight(
    (next, step) => forEachObject(compileStep(step, typeConditions, next)),
    forEachObject((object) => {
      if (rewrite.kind === 'ValueSetter') {
        object[name] = rewrite.setValueTo;
        return;
      }
      const value = getJsonProperty(object, name);
      if (value === undefined) return;
      object[rewrite.renameKeyTo] = value;
      object[name] = undefined;
    }),
  );
}

function compileStep(
  step: string,
  typeConditions: TypeConditionEvaluator,
  next: RewriteData,
): (object: JsonObject) => void {
  if (!step.startsWith(TYPE_CONDITION_PREFIX)) return (object) => next(getJsonProperty(object, step));
  const conditionTypeName = step.slice(TYPE_CONDITION_PREFIX.length);
  // Without __typename the object has the expected type, because the path itself leads to it.
  return (object) => {
    const { __typename: typename } = object;
    if (typename === undefined || typeConditions.isSatisfied(typename, conditionTypeName)) next(object);
  };
}

/** Applies a change to an object, or to all objects in a list or in nested lists. */
const forEachObject = (change: (object: JsonObject) => void): RewriteData => {
  const rewrite: RewriteData = (data) => {
    if (Array.isArray(data)) data.forEach(rewrite);
    else if (isJsonObject(data)) change(data);
  };
  return rewrite;
};
