import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { Kind, type SelectionNode } from 'graphql';
import type { EventSubgraph } from './event-subgraph.js';
import { mapFetches } from './map-fetches.js';
import { editAt, onType, operationOf, selectedAt, selectionSet, withOperation } from './plan-nodes.js';

export interface EventPlan {
  readonly primary: FetchNode;
  readonly rest: PlanNode | undefined;
}

/**
 * Takes out of a plan's fetches what the event carries itself, and asks the event for it. A planner fetches what another
 * subgraph requires from its owner, since it knows no way back to an event; but the state that the event tells of is
 * the one to go on from.
 */
export function askEventFirst(plan: EventPlan, event: EventSubgraph): EventPlan {
  const operation = operationOf(plan.primary);
  let asked = operation.selectionSet;
  const rest =
    plan.rest &&
    mapFetches(plan.rest, (fetch, { path }) => {
      if (!fetch.requires || fetch.outputRewrites?.length || !selectedAt(asked, path)) return fetch;
      const { kept, carried } = split(fetch, event);
      if (carried.length === 0) return fetch;
      asked = editAt(asked, path, (set) => selectionSet([...set.selections, ...carried]));
      return kept;
    });
  if (asked === operation.selectionSet) return plan;
  return { primary: withOperation(plan.primary, { ...operation, selectionSet: asked }), rest };
}

/** A fetch of entities in two: what still has to be fetched, and what the event carries. */
function split(
  fetch: FetchNode,
  event: EventSubgraph,
): { kept: FetchNode | undefined; carried: SelectionNode[] } {
  const operation = operationOf(fetch);
  const carried: SelectionNode[] = [];
  const entities = operation.selectionSet.selections.map((field) => {
    if (field.kind !== Kind.FIELD || !field.selectionSet) return field;
    const kept = field.selectionSet.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind !== Kind.INLINE_FRAGMENT || !selection.typeCondition) return [selection];
      const type = selection.typeCondition.name.value;
      const { selections } = selection.selectionSet;
      const taken = selections.filter((inner) => !isTypename(inner) && isCarried(inner, type, event));
      if (taken.length === 0) return [selection];
      carried.push(onType(type, taken));
      const left = selections.filter((inner) => !taken.includes(inner));
      return left.every(isTypename) ? [] : [{ ...selection, selectionSet: selectionSet(left) }];
    });
    return { ...field, selectionSet: selectionSet(kept) };
  });
  const isLeft = entities.some((field) => field.kind === Kind.FIELD && field.selectionSet?.selections.length);
  return {
    carried,
    kept: isLeft ? withOperation(fetch, { ...operation, selectionSet: selectionSet(entities) }) : undefined,
  };
}

const isTypename = (selection: SelectionNode): boolean =>
  selection.kind === Kind.FIELD && selection.name.value === '__typename';

/** Whether the event carries all of a selection. */
function isCarried(selection: SelectionNode, type: string, event: EventSubgraph): boolean {
  // What the event is asked depends on no variable.
  if (selection.directives?.length) return false;
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const inner = selection.typeCondition?.name.value ?? type;
    return selection.selectionSet.selections.every((each) => isCarried(each, inner, event));
  }
  if (selection.kind !== Kind.FIELD) return false;
  if (isTypename(selection)) return true;
  const name = selection.name.value;
  const field = event.view.fieldsOf(type).get(name);
  if (!field || event.carried.get(type)?.has(name) !== true) return false;
  return (selection.selectionSet?.selections ?? []).every((each) => isCarried(each, field.type, event));
}
