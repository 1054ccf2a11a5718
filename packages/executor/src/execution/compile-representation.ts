import type { RequiredSelection } from '../planning/query-planner.js';
import { getJsonProperty, isJsonObject, type JsonContainer, type JsonObject } from '../shared/json.js';
import type { TypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import type { FieldError, FieldErrorIndex } from './response-tree.js';

/** Distinguishes {@link MissingValue} from all JSON values. */
const IS_MISSING = Symbol('missing required value');

/** A value that a fetch requires is missing, or is null because of an error. */
export interface MissingValue {
  readonly [IS_MISSING]: true;
  /** The errors that explain it; empty if unknown. */
  readonly errors: readonly FieldError[];
}

/**
 * Copies the required fields of an entity into a representation.
 * @returns `undefined` if all were present
 */
export type CopyRequiredFields = (
  entity: JsonObject,
  representation: JsonObject,
  fieldErrors: FieldErrorIndex | undefined,
) => MissingValue | undefined;

export function compileRequiredFields(
  requires: readonly RequiredSelection[],
  typeConditions: TypeConditionEvaluator,
): CopyRequiredFields {
  const copyParts = requires.map((selection): CopyRequiredFields => {
    if (selection.kind === 'Field') {
      return compileRequiredField(selection.alias ?? selection.name, selection.selections, typeConditions);
    }
    const { typeCondition } = selection;
    const copyFields = compileRequiredFields(selection.selections, typeConditions);
    if (typeCondition === undefined) return copyFields;
    return (entity, representation, fieldErrors) => {
      const { __typename: typename } = entity;
      if (typeConditions.isSatisfied(typename, typeCondition)) {
        return copyFields(entity, representation, fieldErrors);
      }
      const errors = typename === undefined ? fieldErrors?.get(entity, '__typename') : undefined;
      return errors && { [IS_MISSING]: true, errors };
    };
  });
  const [onlyPart] = copyParts;
  if (onlyPart && copyParts.length === 1) return onlyPart;
  return (entity, representation, fieldErrors) => {
    for (const copyPart of copyParts) {
      const missing = copyPart(entity, representation, fieldErrors);
      if (missing) return missing;
    }
    return undefined;
  };
}

/**
 * Sorts the fields of representations. The planner does not, and fetches with equal operations only share the entities whose
 * representations are equal texts.
 */
export const sortRequiredFields = (selections: readonly RequiredSelection[]): readonly RequiredSelection[] =>
  selections
    .map((selection) =>
      selection.selections
        ? { ...selection, selections: sortRequiredFields(selection.selections) }
        : selection,
    )
    .sort((one, other) => compareTexts(getSortKey(one), getSortKey(other)));

/** `__typename` sorts before other fields. Fragments stay in their order. */
const getSortKey = (selection: RequiredSelection): string =>
  selection.kind === 'Field' ? (selection.alias ?? selection.name) : '';

const compareTexts = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

function compileRequiredField(
  key: string,
  selections: readonly RequiredSelection[] | undefined,
  typeConditions: TypeConditionEvaluator,
): CopyRequiredFields {
  const copySubfields = selections && compileRequiredFields(selections, typeConditions);
  return (entity, representation, fieldErrors) => {
    const value = getJsonProperty(entity, key);
    const missing = findMissingValue(entity, key, value, fieldErrors);
    if (missing) return missing;
    const copy = copySubfields
      ? copyValue(value, getJsonProperty(representation, key), copySubfields, fieldErrors)
      : value;
    if (isMissingValue(copy)) return copy;
    representation[key] = copy;
    return undefined;
  };
}

/** @param partialCopy the copy of the same value that an earlier part of the selection has begun */
function copyValue(
  value: unknown,
  partialCopy: unknown,
  copyFields: CopyRequiredFields,
  fieldErrors: FieldErrorIndex | undefined,
): unknown {
  if (Array.isArray(value)) {
    const copies: unknown[] = [];
    for (const [index, element] of value.entries()) {
      const missing = findMissingValue(value, index, element, fieldErrors);
      if (missing) return missing;
      const partialElement: unknown = Array.isArray(partialCopy) ? partialCopy[index] : undefined;
      const copy = copyValue(element, partialElement, copyFields, fieldErrors);
      if (isMissingValue(copy)) return copy;
      copies.push(copy);
    }
    return copies;
  }
  if (!isJsonObject(value)) return value;
  const copy = isJsonObject(partialCopy) ? partialCopy : {};
  return copyFields(value, copy, fieldErrors) ?? copy;
}

/** A null counts as missing if an error caused it, because no field can be computed from it. */
function findMissingValue(
  container: JsonContainer,
  key: string | number,
  value: unknown,
  fieldErrors: FieldErrorIndex | undefined,
): MissingValue | undefined {
  if (value !== undefined && value !== null) return undefined;
  const errors = fieldErrors?.get(container, key);
  return errors || value === undefined ? { [IS_MISSING]: true, errors: errors ?? [] } : undefined;
}

const isMissingValue = (value: unknown): value is MissingValue =>
  typeof value === 'object' && value !== null && IS_MISSING in value;

/**
 * The keys of the required fields for an object type; `undefined` if one of the fields has subselections. Entities with
 * equal values under these keys have equal representations.
 */
export type GetEntityDeduplicationKeys = (typename: unknown) => readonly string[] | undefined;

export function compileEntityDeduplicationKeys(
  requires: readonly RequiredSelection[],
  typeConditions: TypeConditionEvaluator,
): GetEntityDeduplicationKeys {
  const keysByType = new Map<unknown, readonly string[] | undefined>();
  return (typename) => {
    if (!keysByType.has(typename)) {
      keysByType.set(typename, listLeafKeys(requires, typename, typeConditions));
    }
    return keysByType.get(typename);
  };
}

function listLeafKeys(
  selections: readonly RequiredSelection[],
  typename: unknown,
  typeConditions: TypeConditionEvaluator,
): readonly string[] | undefined {
  const keys = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      if (selection.selections) return undefined;
      keys.add(selection.alias ?? selection.name);
    } else if (
      selection.typeCondition === undefined ||
      typeConditions.isSatisfied(typename, selection.typeCondition)
    ) {
      const innerKeys = listLeafKeys(selection.selections, typename, typeConditions);
      if (!innerKeys) return undefined;
      for (const key of innerKeys) keys.add(key);
    }
  }
  return [...keys];
}
