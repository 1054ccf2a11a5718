import { getJsonProperty, isJsonObject, type JsonObject } from '../shared/json.js';
import { explainNullContainer } from './lost-values.js';
import {
  toClientPath,
  type FieldProjection,
  type ListProjection,
  type ObjectProjection,
  type ValueProjection,
} from './object-projection.js';
import {
  addNullError,
  addTypeError,
  addUnauthorizedError,
  type ProjectionState,
} from './projection-state.js';
import { reportFieldErrors, reportUnknownType } from './report-field-errors.js';

/**
 * Projects an object of the response tree: selects the client's fields, checks the values and adds errors.
 * @returns null if a non-null field is null; its error is in `state.errors`
 */
export function projectObject(
  projection: ObjectProjection,
  object: JsonObject,
  state: ProjectionState,
): JsonObject | null {
  if (state.sharedValues.size > 0 && state.fieldErrors === undefined && state.sharedValues.has(object)) {
    return projectSharedObject(projection, object, state);
  }
  return projectFields(projection, object, state);
}

/** Projects a shared object once. The result is not reused if it has errors, because errors have paths. */
function projectSharedObject(
  projection: ObjectProjection,
  object: JsonObject,
  state: ProjectionState,
): JsonObject | null {
  const projectedObjects = (state.projectedObjects ??= new Map<ObjectProjection, Map<object, JsonObject>>());
  const results = projectedObjects.get(projection) ?? new Map<object, JsonObject>();
  projectedObjects.set(projection, results);
  const existing = results.get(object);
  if (existing) return existing;
  const errorCount = countErrors(state);
  const result = projectFields(projection, object, state);
  if (result && countErrors(state) === errorCount) results.set(object, result);
  return result;
}

const countErrors = ({ errors, unauthorizedPaths }: ProjectionState): number =>
  errors.length + (unauthorizedPaths?.length ?? 0);

function projectFields(
  { fields, emptyObject }: ObjectProjection,
  object: JsonObject,
  state: ProjectionState,
): JsonObject | null {
  // A copy with all keys is faster than an object that grows field by field.
  const result: JsonObject = { ...emptyObject };
  const lostCount = state.lostValues?.length ?? 0;
  const errorCount = state.errors.length;
  for (const field of fields) {
    const value = projectField(field, object, state);
    if (value === null && field.isNonNull) {
      if (state.lostValues) {
        explainNullContainer(state, {
          container: object,
          nullKey: field.clientKey,
          lostCount,
          errorCount,
          projectSibling(treeKey) {
            const sibling = fields.slice(fields.indexOf(field) + 1).find((each) => each.treeKey === treeKey);
            if (sibling) projectField(sibling, object, state);
          },
        });
      }
      return null;
    }
    result[field.clientKey] = value;
  }
  return result;
}

function projectField(field: FieldProjection, object: JsonObject, state: ProjectionState): unknown {
  const { value: projection } = field;
  if (projection.kind === 'typename' && projection.typeName !== undefined) return projection.typeName;
  if (projection.kind === 'introspection') return projection.resolve(state.variables) ?? null;
  // The tree can have a value: that of a key, which the plan fetches for itself.
  if (projection.kind === 'denied') {
    addUnauthorizedError(state, field.clientKey);
    return null;
  }
  const value = projection.kind === 'typename' ? null : getJsonProperty(object, field.treeKey);
  const hasError =
    state.fieldErrors !== undefined &&
    reportFieldErrors(state, object, field.treeKey, value, (path) => [
      field.clientKey,
      ...toClientPath(projection, path),
    ]);
  if (projection.kind === 'typename' || value === undefined || value === null) {
    if (field.isNonNull && !hasError) addNullError(state, field.coordinate, field.clientKey);
    return null;
  }
  if (projection.kind === 'leaf') {
    const leaf = projection.serialize(value);
    if (leaf !== undefined) return leaf;
    addTypeError(state, field.coordinate, value, field.clientKey);
    return null;
  }
  state.path.push(field.clientKey);
  const result = projectValue(projection, value, field.coordinate, state);
  state.path.pop();
  return result;
}

/** @param value neither undefined nor null */
function projectValue(
  projection: ValueProjection,
  value: unknown,
  coordinate: string,
  state: ProjectionState,
): unknown {
  if (projection.kind === 'leaf') {
    const leaf = projection.serialize(value);
    if (leaf !== undefined) return leaf;
  } else if (projection.kind === 'list') {
    if (Array.isArray(value)) return projectList(projection, value, coordinate, state);
  } else if (isJsonObject(value)) {
    // The __typename of an object type is ignored: a subgraph can have another name for a root type.
    const objectProjection =
      projection.kind === 'object' ? projection.projection : projection.getProjection(value['__typename']);
    const isTypeUnknown =
      objectProjection?.isAbstract === true && state.fieldErrors?.get(value, '__typename') !== undefined;
    if (objectProjection && !isTypeUnknown) return projectObject(objectProjection, value, state);
    if (reportUnknownType(projection, value, state)) return null;
  }
  addTypeError(state, coordinate, value);
  return null;
}

function projectList(
  projection: ListProjection,
  values: unknown[],
  coordinate: string,
  state: ProjectionState,
): unknown[] | null {
  const results: unknown[] = [];
  const lostCount = state.lostValues?.length ?? 0;
  const errorCount = state.errors.length;
  for (let index = 0; index < values.length; index++) {
    const result = projectElement(projection, values, index, coordinate, state);
    if (result === null && projection.isElementNonNull) {
      if (state.lostValues) {
        explainNullContainer(state, {
          container: values,
          nullKey: index,
          lostCount,
          errorCount,
          projectSibling(key) {
            if (typeof key === 'number' && key > index) {
              projectElement(projection, values, key, coordinate, state);
            }
          },
        });
      }
      return null;
    }
    results.push(result);
  }
  return results;
}

function projectElement(
  { element, isElementNonNull }: ListProjection,
  values: unknown[],
  index: number,
  coordinate: string,
  state: ProjectionState,
): unknown {
  const value = values[index];
  const hasError =
    state.fieldErrors !== undefined &&
    reportFieldErrors(state, values, index, value, (path) => [index, ...toClientPath(element, path)]);
  if (value === undefined || value === null) {
    if (isElementNonNull && !hasError) addNullError(state, coordinate, index);
    return null;
  }
  state.path.push(index);
  const result = projectValue(element, value, coordinate, state);
  state.path.pop();
  return result;
}
