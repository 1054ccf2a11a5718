import { stringifyJson } from '../shared/exact-json.js';
import { getJsonProperty, type JsonObject } from '../shared/json.js';
import type { CompiledFetch } from './compile-fetch.js';
import type { MissingValue } from './compile-representation.js';
import type { ExecutionState } from './execution-state.js';
import { addErrorToSelection, recordFieldErrors, rebuildFieldErrorIndex } from './response-tree.js';
import { createDependencyError } from './record-subgraph-errors.js';

/** An entity to fetch. */
export interface RequestedEntity {
  /** JSON text. */
  readonly representation: string;
  /** The objects of the response tree that stand for this entity. */
  readonly targets: JsonObject[];
}

/** A trie of entities by their required values. */
type EntityTrie = Map<unknown, EntityTrie | RequestedEntity>;

/**
 * Collects the distinct entities among the objects of a fetch. An object that lacks required fields gets the errors that
 * explain it.
 */
export function collectEntities(
  state: ExecutionState,
  fetch: CompiledFetch,
  objects: readonly JsonObject[],
): RequestedEntity[] {
  // An error can also concern data that arrived after it.
  state.fieldErrors = rebuildFieldErrorIndex(state);
  const entities: RequestedEntity[] = [];
  const entitiesByRepresentation = new Map<string, RequestedEntity>();
  const entityTrie: EntityTrie = new Map();

  const addObject = (object: JsonObject): RequestedEntity | undefined => {
    const representation = createRepresentation(state, fetch, object);
    if (representation === undefined) return undefined;
    const existing = entitiesByRepresentation.get(representation);
    if (existing) {
      existing.targets.push(object);
      return existing;
    }
    const entity = { representation, targets: [object] };
    entitiesByRepresentation.set(representation, entity);
    entities.push(entity);
    return entity;
  };

  for (const object of objects) {
    // The trie finds an entity without serializing its representation: long lists often repeat few entities.
    const keys = fetch.representation?.getRequiredLeafKeys(object['__typename']);
    const level = keys && getTrieLevel(entityTrie, object, keys);
    const lastKey = keys?.at(-1);
    if (!level || lastKey === undefined) {
      addObject(object);
      continue;
    }
    const value = getJsonProperty(object, lastKey);
    const existing = level.get(value);
    if (existing && 'targets' in existing) {
      existing.targets.push(object);
      continue;
    }
    const entity = addObject(object);
    if (entity && isScalar(value)) level.set(value, entity);
  }
  const incompleteObjects = state.entityFetchProgress?.get(fetch)?.incompleteObjects;
  if (incompleteObjects?.size) {
    for (const { targets } of entities) for (const target of targets) incompleteObjects.delete(target);
  }
  return entities;
}

/** Finds or creates the level of the trie for all keys but the last; `undefined` if a value is not a scalar. */
function getTrieLevel(trie: EntityTrie, object: JsonObject, keys: readonly string[]): EntityTrie | undefined {
  let level = trie;
  for (let index = 0; index < keys.length - 1; index++) {
    const value = getJsonProperty(object, keys[index] ?? '');
    if (!isScalar(value)) return undefined;
    let next = level.get(value);
    if (!next || 'targets' in next) level.set(value, (next = new Map() as EntityTrie));
    level = next;
  }
  return level;
}

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** @returns `undefined` if the fetch does not apply to the object, or required fields are missing */
function createRepresentation(
  state: ExecutionState,
  fetch: CompiledFetch,
  object: JsonObject,
): string | undefined {
  const { copyRequiredFields, rewriteInput } = fetch.representation ?? {};
  const representation: JsonObject = {};
  const missing = copyRequiredFields?.(object, representation, state.fieldErrors);
  if (missing) {
    handleMissingValue(state, fetch, object, missing);
    return undefined;
  }
  if (representation['__typename'] === undefined) return undefined;
  rewriteInput?.(representation);
  return stringifyJson(representation);
}

/**
 * Remembers an object that lacks required fields, because a repeated stage can find them. The fields that the fetch would
 * have added get an error, unless the fetch can be split: then each part adds its own.
 */
function handleMissingValue(
  state: ExecutionState,
  fetch: CompiledFetch,
  object: JsonObject,
  { errors }: MissingValue,
): void {
  const incompleteObjects = state.entityFetchProgress?.get(fetch)?.incompleteObjects;
  const hasError = incompleteObjects?.get(object) === true;
  const needsError = !hasError && errors.length > 0 && fetch.getSplitFetches().length === 0;
  incompleteObjects?.set(object, hasError || needsError);
  if (!needsError) return;
  // The fetch can select what it requires: its errors are then added to the list of those that are read here.
  for (const error of [...errors]) {
    const fieldError = error.reportedPathLength === undefined ? createDependencyError(error) : error;
    recordFieldErrors(state, (index) => addErrorToSelection(index, object, fetch.getSelection(), fieldError));
  }
}
