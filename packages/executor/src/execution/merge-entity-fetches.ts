import { Kind, print, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { parseFetchOperation, replaceFetchOperation } from '../planning/plan-nodes.js';
import type { FetchNode, RequiredSelection } from '../planning/query-planner.js';
import { createSelectionSet, getResponseKey, isTypenameField } from '../shared/graphql-ast.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';
import { getEntitiesField, mergeVariableDefinitions } from './entities-operation.js';
import { splitEntityFetch } from './split-entity-fetch.js';

/**
 * Merges two entity fetches for the same objects from one subgraph into one that requests each entity once. If an object lacks a
 * value that one of them requires, what the other one selects can still be fetched.
 * @param view of the subgraph
 * @returns `undefined` if they cannot be merged
 */
export function mergeEntityFetches(
  one: FetchNode,
  other: FetchNode,
  view: SubgraphView,
): FetchNode | undefined {
  if (hasRewrites(one) || hasRewrites(other)) return undefined;
  if (!coversRequires(one, other) && !coversRequires(other, one)) return undefined;
  const [wider, narrower] = coversRequires(other, one) ? [other, one] : [one, other];
  // The fields that require less come first, as the planner mostly has them: equal operations share their entities.
  const operations = [parseFetchOperation(narrower), parseFetchOperation(wider)] as const;
  const [entities, otherEntities] = operations.map(getEntitiesField);
  if (!entities?.selectionSet || !otherEntities?.selectionSet) return undefined;
  const selectionSet = mergeSelectionSets(entities.selectionSet, otherEntities.selectionSet);
  const variableDefinitions = mergeVariableDefinitions(operations);
  if (!selectionSet || !variableDefinitions) return undefined;
  const merged: FetchNode = {
    ...replaceFetchOperation(one, {
      ...operations[0],
      variableDefinitions: [...variableDefinitions.values()],
      selectionSet: createSelectionSet([{ ...entities, selectionSet }]),
    }),
    variableUsages: [...new Set([...one.variableUsages, ...other.variableUsages])],
    requires: wider.requires,
  };
  return coversRequires(narrower, wider) || canFetchPart(merged, narrower, view) ? merged : undefined;
}

/** Whether what a part of a merged fetch selects can be fetched for objects that have only what this part requires. */
function canFetchPart(merged: FetchNode, part: FetchNode, view: SubgraphView): boolean {
  const partKeys = listEntityKeys(part);
  const splitFetches = splitEntityFetch(merged, view);
  return (
    splitFetches.length > 0 &&
    splitFetches.every(
      (fetch) => coversRequires(part, fetch) || !listEntityKeys(fetch).some((key) => partKeys.includes(key)),
    )
  );
}

/** The response keys that a fetch selects on entities. */
function listEntityKeys(fetch: FetchNode): string[] {
  const entities = getEntitiesField(parseFetchOperation(fetch));
  if (!entities?.selectionSet) return [];
  return listFields(entities.selectionSet)
    .filter((field) => !isTypenameField(field))
    .map(getResponseKey);
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

/** Whether one fetch requires everything that the other one does. */
const coversRequires = ({ requires }: FetchNode, other: FetchNode): boolean =>
  requires !== undefined && other.requires !== undefined && coversSelections(requires, other.requires);

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
