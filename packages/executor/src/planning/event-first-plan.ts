import {
  Kind,
  visit,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  createInlineFragment,
  createSelectionSet,
  ENTITIES_FIELD,
  getResponseKey,
  isTypenameField,
  removeFields,
} from '../shared/graphql-ast.js';
import type { EventSubgraphDefinition } from './event-subgraph.js';
import { mapFetches, parseFetchOperation, replaceFetchOperation } from './plan-nodes.js';
import {
  EVERY_ELEMENT,
  type FetchNode,
  type PlanNode,
  type PlanPath,
  type RequiredSelection,
} from './query-planner.js';

/** The plan of a subscription: first the fetch that reads the event, then the fetches of all other fields. */
export interface EventFirstPlan {
  readonly eventFetch: FetchNode;
  readonly subgraphFetches: PlanNode | undefined;
}

/**
 * Corrects what a planner cannot know of events: the event is read first, and the subgraphs may have newer state than the
 * event.
 */
export const correctEventFirstPlan = (plan: EventFirstPlan, event: EventSubgraphDefinition): EventFirstPlan =>
  fetchDividedObjectsWhole(readSnapshotFromEvent(plan, event), event);

/**
 * Removes the fields of the snapshot from the fetches and reads them from the event instead. A planner fetches the fields
 * that another subgraph requires from their owner, because event subgraphs cannot resolve entities. But the required
 * values should be those at the time of the event.
 */
function readSnapshotFromEvent(plan: EventFirstPlan, event: EventSubgraphDefinition): EventFirstPlan {
  const operation = parseFetchOperation(plan.eventFetch);
  let eventSelections = operation.selectionSet;
  const subgraphFetches =
    plan.subgraphFetches &&
    mapFetches(plan.subgraphFetches, (fetch, path) => {
      if (!fetch.requires || fetch.outputRewrites.length > 0 || !getSelectionsAt(eventSelections, path)) {
        return fetch;
      }
      const { remainingFetch, snapshotSelections } = extractSnapshotSelections(fetch, event);
      if (snapshotSelections.length === 0) return fetch;
      eventSelections = addSelectionsAt(eventSelections, path, snapshotSelections);
      return remainingFetch;
    });
  if (eventSelections === operation.selectionSet) return plan;
  return {
    eventFetch: replaceFetchOperation(plan.eventFetch, { ...operation, selectionSet: eventSelections }),
    subgraphFetches,
  };
}

/** Divides an entity fetch into the selections that the event carries and a fetch of the others. */
function extractSnapshotSelections(
  fetch: FetchNode,
  event: EventSubgraphDefinition,
): { readonly remainingFetch: FetchNode | undefined; readonly snapshotSelections: readonly SelectionNode[] } {
  const operation = parseFetchOperation(fetch);
  const snapshotSelections: SelectionNode[] = [];
  const rootFields = operation.selectionSet.selections.map((field) => {
    if (field.kind !== Kind.FIELD || !field.selectionSet) return field;
    const remaining = field.selectionSet.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind !== Kind.INLINE_FRAGMENT || !selection.typeCondition) return [selection];
      const typeName = selection.typeCondition.name.value;
      const { selections } = selection.selectionSet;
      const inSnapshot = selections.filter(
        (inner) => !isTypename(inner) && isInSnapshot(inner, typeName, event),
      );
      if (inSnapshot.length === 0) return [selection];
      snapshotSelections.push(createInlineFragment(typeName, inSnapshot));
      const others = selections.filter((inner) => !inSnapshot.includes(inner));
      return others.every(isTypename) ? [] : [{ ...selection, selectionSet: createSelectionSet(others) }];
    });
    return { ...field, selectionSet: createSelectionSet(remaining) };
  });
  const hasRemaining = rootFields.some(
    (field) => field.kind === Kind.FIELD && field.selectionSet?.selections.length,
  );
  return {
    snapshotSelections,
    remainingFetch: hasRemaining
      ? replaceFetchOperation(fetch, { ...operation, selectionSet: createSelectionSet(rootFields) })
      : undefined,
  };
}

const isTypename = (selection: SelectionNode): boolean =>
  selection.kind === Kind.FIELD && isTypenameField(selection);

/** Whether the event carries a selection with all its subselections. */
function isInSnapshot(selection: SelectionNode, typeName: string, event: EventSubgraphDefinition): boolean {
  // Directives can have variables, which the operation that reads the event may not define.
  if (selection.directives?.length) return false;
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const innerType = selection.typeCondition?.name.value ?? typeName;
    return selection.selectionSet.selections.every((inner) => isInSnapshot(inner, innerType, event));
  }
  if (selection.kind !== Kind.FIELD) return false;
  if (isTypename(selection)) return true;
  const name = selection.name.value;
  const field = event.ownerView.getFields(typeName).get(name);
  if (!field || event.snapshotFields.get(typeName)?.has(name) !== true) return false;
  return (selection.selectionSet?.selections ?? []).every((inner) =>
    isInSnapshot(inner, field.typeName, event),
  );
}

/**
 * Fetches an object or list whole from its subgraph if the plan reads a part of it from the event and fetches the rest
 * through its parent. The two parts can be of different times, and the elements of two lists would be merged by index. The
 * whole is fetched before anything else.
 */
function fetchDividedObjectsWhole(plan: EventFirstPlan, event: EventSubgraphDefinition): EventFirstPlan {
  if (!plan.subgraphFetches || plan.eventFetch.outputRewrites.length > 0) return plan;
  const eventOperation = parseFetchOperation(plan.eventFetch);
  let eventSelections = eventOperation.selectionSet;
  const wholeFetches: PlanNode[] = [];

  const otherFetches = mapFetches(plan.subgraphFetches, (fetch, path) => {
    const sharedKeys = findDividedObjectKeys(fetch, path, eventSelections, event);
    if (sharedKeys.size === 0) return fetch;
    const selectionsByKey = new Map(
      [...sharedKeys].map((key) => [key, getSelectionsAt(eventSelections, [...path, key]) ?? []]),
    );
    eventSelections = updateSelectionSetAt(eventSelections, path, (selectionSet) =>
      removeFields(selectionSet, (field) => sharedKeys.has(getResponseKey(field))),
    );
    wholeFetches.push({
      kind: 'Flatten',
      path,
      node: addSubselections(fetch, selectionsByKey, eventOperation),
    });
    return undefined;
  });
  if (wholeFetches.length === 0) return plan;
  return {
    eventFetch: replaceFetchOperation(plan.eventFetch, { ...eventOperation, selectionSet: eventSelections }),
    subgraphFetches: {
      kind: 'Sequence',
      nodes: otherFetches ? [...wholeFetches, otherFetches] : wholeFetches,
    },
  };
}

/** The response keys of the objects and lists that the event and an entity fetch from the owner both select parts of. */
function findDividedObjectKeys(
  fetch: FetchNode,
  path: PlanPath,
  eventSelections: SelectionSetNode,
  { owner }: EventSubgraphDefinition,
): Set<string> {
  const fromEvent = getSelectionsAt(eventSelections, path);
  if (!fromEvent || fetch.serviceName !== owner.name) return new Set();
  if (!fetch.requires || fetch.outputRewrites.length > 0) return new Set();
  if (!areAllSelected(fetch.requires, fromEvent)) return new Set();
  const fromOwner = getSelectionsAt(parseFetchOperation(fetch).selectionSet, [ENTITIES_FIELD]) ?? [];
  // A key that several types use can stand for different fields. The plan is left unchanged for such a key.
  const isUniqueKey = (key: string) =>
    getFieldsByResponseKey(fromEvent, key).length === 1 &&
    getFieldsByResponseKey(fromOwner, key).length === 1;
  return new Set(listObjectKeys(fromOwner).filter(isUniqueKey));
}

/** The response keys of the fields that have subselections. */
const listObjectKeys = (selections: readonly SelectionNode[]): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return listObjectKeys(selection.selectionSet.selections);
    return selection.kind === Kind.FIELD && selection.selectionSet ? [getResponseKey(selection)] : [];
  });

/** Whether all fields that a fetch requires are selected. */
const areAllSelected = (
  requires: readonly RequiredSelection[],
  selections: readonly SelectionNode[],
): boolean =>
  requires.every((required) => {
    if (required.kind === 'InlineFragment') return areAllSelected(required.selections, selections);
    const fields = getFieldsByResponseKey(selections, required.alias ?? required.name);
    if (fields.length === 0) return false;
    return (
      !required.selections ||
      areAllSelected(
        required.selections,
        fields.flatMap((field) => field.selectionSet?.selections ?? []),
      )
    );
  });

/**
 * Adds selections to fields of an entity fetch.
 * @param selectionsByKey the added selections by the response key of the field
 * @param eventOperation defines the variables of the added selections
 */
function addSubselections(
  fetch: FetchNode,
  selectionsByKey: ReadonlyMap<string, readonly SelectionNode[]>,
  { variableDefinitions: eventVariables = [] }: OperationDefinitionNode,
): FetchNode {
  const operation = parseFetchOperation(fetch);
  let { selectionSet } = operation;
  const usedVariables = new Set<string>();
  for (const [key, selections] of selectionsByKey) {
    visit(createSelectionSet(selections), { Variable: ({ name }) => void usedVariables.add(name.value) });
    selectionSet = addSelectionsAt(selectionSet, [ENTITIES_FIELD, key], selections);
  }
  const existingVariables = new Set(fetch.variableUsages);
  const addedVariables = eventVariables.filter(
    ({ variable: { name } }) => usedVariables.has(name.value) && !existingVariables.has(name.value),
  );
  const variableDefinitions = [...(operation.variableDefinitions ?? []), ...addedVariables];
  return {
    ...replaceFetchOperation(fetch, { ...operation, variableDefinitions, selectionSet }),
    variableUsages: [...existingVariables, ...addedVariables.map(({ variable }) => variable.name.value)],
  };
}

/** Updates the selection sets at a path, in all inline fragments that lead there. */
function updateSelectionSetAt(
  selectionSet: SelectionSetNode,
  path: PlanPath,
  update: (selectionSet: SelectionSetNode) => SelectionSetNode,
): SelectionSetNode {
  const [key, ...rest] = path;
  if (key === undefined) return update(selectionSet);
  if (key === EVERY_ELEMENT) return updateSelectionSetAt(selectionSet, rest, update);
  return createSelectionSet(
    selectionSet.selections.map((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return { ...selection, selectionSet: updateSelectionSetAt(selection.selectionSet, path, update) };
      }
      if (selection.kind !== Kind.FIELD || !selection.selectionSet || getResponseKey(selection) !== key) {
        return selection;
      }
      return { ...selection, selectionSet: updateSelectionSetAt(selection.selectionSet, rest, update) };
    }),
  );
}

const addSelectionsAt = (
  selectionSet: SelectionSetNode,
  path: PlanPath,
  added: readonly SelectionNode[],
): SelectionSetNode =>
  updateSelectionSetAt(selectionSet, path, ({ selections }) => createSelectionSet([...selections, ...added]));

/** All selections at a path; `undefined` if no field leads there. */
function getSelectionsAt(selectionSet: SelectionSetNode, path: PlanPath): SelectionNode[] | undefined {
  let selections: SelectionNode[] | undefined;
  updateSelectionSetAt(selectionSet, path, (reached) => {
    selections = [...(selections ?? []), ...reached.selections];
    return reached;
  });
  return selections;
}

/** The fields with a response key, including those in inline fragments. */
const getFieldsByResponseKey = (selections: readonly SelectionNode[], key: string): FieldNode[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return getFieldsByResponseKey(selection.selectionSet.selections, key);
    }
    return selection.kind === Kind.FIELD && getResponseKey(selection) === key ? [selection] : [];
  });
