import { EVERY_ELEMENT } from '../planning/query-planner.js';
import type { JsonPath } from '../shared/json.js';
import type { FieldProjection, ObjectProjection } from './object-projection.js';

/**
 * Finds the field on the path of an error that a plan fetches for itself: a key or required field that the client did not select.
 * @param projection of the whole response
 * @param fetchPath the path of the objects that the fetch is for, without type conditions
 * @param path the path of the error from one of these objects, in the keys of the response tree
 * @returns its index in `path`; `undefined` if the client selected all fields on the path
 */
export function findHiddenField(
  projection: ObjectProjection,
  fetchPath: readonly string[],
  path: JsonPath,
): number | undefined {
  let fields: readonly FieldProjection[] = projection.fields;
  const enter = (key: string): boolean => {
    const selected = fields.filter(({ treeKey }) => treeKey === key);
    fields = selected.flatMap(({ value }) => listFields(value));
    return selected.length > 0;
  };
  for (const key of fetchPath) {
    // The objects of a fetch can themselves be fetched for another one.
    if (key !== EVERY_ELEMENT && !enter(key)) return path.length > 0 ? 0 : undefined;
  }
  for (const [index, step] of path.entries()) {
    if (typeof step === 'string' && !enter(step)) return index;
  }
  return undefined;
}

/** The fields of all object types that a value can have. */
function listFields(value: FieldProjection['value']): readonly FieldProjection[] {
  if (value.kind === 'list') return listFields(value.element);
  if (value.kind === 'object') return value.projection.fields;
  return value.kind === 'abstract' ? value.listProjections().flatMap(({ fields }) => fields) : [];
}
