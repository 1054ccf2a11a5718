import { Kind, print, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { parseFetchOperation, replaceFetchOperation } from '../planning/plan-nodes.js';
import type { FetchNode, RequiredSelection } from '../planning/query-planner.js';
import { createSelectionSet, getResponseKey } from '../shared/graphql-ast.js';
import { getEntitiesField, mergeVariableDefinitions } from './entities-operation.js';

/**
 * Merges two entity fetches for the same objects from one subgraph into one that requests each entity once.
 * @returns `undefined` if they cannot be merged
 */
export function mergeEntityFetches(one: FetchNode, other: FetchNode): FetchNode | undefined {
  if (!one.requires || !other.requires || hasRewrites(one) || hasRewrites(other)) return undefined;
  const operation = parseFetchOperation(one);
  const otherOperation = parseFetchOperation(other);
  const entities = getEntitiesField(operation);
  const otherEntities = getEntitiesField(otherOperation);
  if (!entities?.selectionSet || !otherEntities?.selectionSet) return undefined;
  const selectionSet = mergeSelectionSets(entities.selectionSet, otherEntities.selectionSet);
  const variableDefinitions = mergeVariableDefinitions([operation, otherOperation]);
  if (!selectionSet || !variableDefinitions) return undefined;
  const merged = replaceFetchOperation(one, {
    ...operation,
    variableDefinitions: [...variableDefinitions.values()],
    selectionSet: createSelectionSet([{ ...entities, selectionSet }]),
  });
  return {
    ...merged,
    variableUsages: [...new Set([...one.variableUsages, ...other.variableUsages])],
    requires: mergeRequires(one.requires, other.requires),
  };
}

const hasRewrites = ({ inputRewrites, outputRewrites, contextRewrites }: FetchNode): boolean =>
  inputRewrites.length + outputRewrites.length + contextRewrites.length > 0;

/** @returns `undefined` if both select different fields under one response key */
function mergeSelectionSets(one: SelectionSetNode, other: SelectionSetNode): SelectionSetNode | undefined {
  const fields = new Map(listFields(one).map((field) => [getResponseKey(field), print(field)]));
  for (const field of listFields(other)) {
    const present = fields.get(getResponseKey(field));
    if (present !== undefined && present !== print(field)) return undefined;
  }
  const selections: SelectionNode[] = [...one.selections];
  for (const selection of other.selections) {
    const index = selections.findIndex((each) => hasSameType(each, selection));
    const present = selections[index];
    if (present?.kind !== Kind.INLINE_FRAGMENT || selection.kind !== Kind.INLINE_FRAGMENT) {
      selections.push(selection);
      continue;
    }
    const texts = new Set(present.selectionSet.selections.map((each) => print(each)));
    const added = selection.selectionSet.selections.filter((each) => !texts.has(print(each)));
    selections[index] = {
      ...present,
      selectionSet: createSelectionSet([...present.selectionSet.selections, ...added]),
    };
  }
  return createSelectionSet(selections);
}

/** The fields on an entity, including those in inline fragments. */
const listFields = ({ selections }: SelectionSetNode): FieldNode[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    return selection.kind === Kind.INLINE_FRAGMENT ? listFields(selection.selectionSet) : [];
  });

/** Whether both are fragments on one type, without directives. */
const hasSameType = (one: SelectionNode, other: SelectionNode): boolean =>
  one.kind === Kind.INLINE_FRAGMENT &&
  other.kind === Kind.INLINE_FRAGMENT &&
  one.typeCondition?.name.value === other.typeCondition?.name.value &&
  !one.directives?.length &&
  !other.directives?.length;

/** Keeps one list as it is if it covers the other: fetches with equal lists share their entities. */
function mergeRequires(
  one: readonly RequiredSelection[],
  other: readonly RequiredSelection[],
): readonly RequiredSelection[] {
  if (coversSelections(one, other)) return one;
  return coversSelections(other, one) ? other : [...one, ...other];
}

const coversSelections = (
  selections: readonly RequiredSelection[],
  others: readonly RequiredSelection[],
): boolean => others.every((other) => selections.some((selection) => coversSelection(selection, other)));

function coversSelection(selection: RequiredSelection, other: RequiredSelection): boolean {
  if (selection.kind === 'Field') {
    return (
      other.kind === 'Field' &&
      selection.name === other.name &&
      selection.alias === other.alias &&
      coversSelections(selection.selections ?? [], other.selections ?? [])
    );
  }
  return (
    other.kind === 'InlineFragment' &&
    selection.typeCondition === other.typeCondition &&
    coversSelections(selection.selections, other.selections)
  );
}
