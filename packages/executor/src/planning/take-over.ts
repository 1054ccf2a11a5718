import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  visit,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { EventSubgraph } from './event-subgraph.js';
import { mapFetches, type Place } from './map-fetches.js';
import type { EventPlan } from './prune.js';
import {
  editAt,
  fieldsNamed,
  operationOf,
  responseName,
  selectedAt,
  selectionSet,
  withOperation,
  without,
} from './plan-nodes.js';

/**
 * Lets an object come from one place. Where a plan takes part of an object or a list from the event and the rest of it
 * through its parent from the subgraph, the two may tell of different moments: elements of one list would be laid on
 * those of another. The subgraph then gives the whole of it, before anything else is fetched.
 */
export function takeOverShared(plan: EventPlan, event: EventSubgraph): EventPlan {
  if (!plan.rest || plan.primary.outputRewrites?.length) return plan;
  const primary = operationOf(plan.primary);
  let asked = primary.selectionSet;
  const first: PlanNode[] = [];

  const rest = mapFetches(plan.rest, (fetch, place) => {
    const shared = sharedFields(fetch, place, asked, event);
    if (shared.size === 0) return fetch;
    const taken = new Map([...shared].map((name) => [name, selectedAt(asked, [...place.path, name]) ?? []]));
    asked = editAt(asked, place.path, (set) => without(set, (field) => shared.has(responseName(field))));
    first.push({ kind: 'Flatten', path: place.path, node: addTo(fetch, taken, primary) });
    return undefined;
  });
  if (first.length === 0) return plan;
  return {
    primary: withOperation(plan.primary, { ...primary, selectionSet: asked }),
    rest: { kind: 'Sequence', nodes: rest ? [...first, rest] : first },
  };
}

/** The objects and lists that both the event and a fetch from the field's owner give parts of. */
function sharedFields(
  fetch: FetchNode,
  { path, conditional }: Place,
  asked: SelectionSetNode,
  { owner }: EventSubgraph,
): Set<string> {
  const present = selectedAt(asked, path);
  if (!present || conditional || fetch.serviceName !== owner.name) return new Set();
  if (!fetch.requires || fetch.outputRewrites?.length || !provides(present, fetch.requires)) return new Set();
  const fetched = selectedAt(operationOf(fetch).selectionSet, ['_entities']) ?? [];
  // A name that several types answer under may mean several things: it is left as it was planned.
  const isOne = (name: string) =>
    fieldsNamed(present, name).length === 1 && fieldsNamed(fetched, name).length === 1;
  return new Set(objectFields(fetched).filter(isOne));
}

/** The response names of fields that have fields. */
const objectFields = (selections: readonly SelectionNode[]): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return objectFields(selection.selectionSet.selections);
    return selection.kind === Kind.FIELD && selection.selectionSet ? [responseName(selection)] : [];
  });

/** Whether a selection gives all that a fetch needs to begin. */
const provides = (present: readonly SelectionNode[], needed: readonly QueryPlanSelectionNode[]): boolean =>
  needed.every((node) => {
    if (node.kind === 'InlineFragment') return provides(present, node.selections);
    const inner = fieldsNamed(present, node.alias ?? node.name);
    return (
      inner.length > 0 &&
      (!node.selections ||
        provides(
          inner.flatMap((field) => field.selectionSet?.selections ?? []),
          node.selections,
        ))
    );
  });

/** Selects more inside fields that a fetch selects, with the variables that this takes. */
function addTo(
  fetch: FetchNode,
  more: ReadonlyMap<string, readonly SelectionNode[]>,
  { variableDefinitions = [] }: OperationDefinitionNode,
): FetchNode {
  const operation = operationOf(fetch);
  let selected = operation.selectionSet;
  const used = new Set<string>();
  for (const [name, selections] of more) {
    visit(selectionSet(selections), { Variable: ({ name: variable }) => void used.add(variable.value) });
    selected = editAt(selected, ['_entities', name], (set) =>
      selectionSet([...set.selections, ...selections]),
    );
  }
  const known = new Set(fetch.variableUsages);
  const added = variableDefinitions.filter(
    ({ variable: { name } }) => used.has(name.value) && !known.has(name.value),
  );
  const variables = [...(operation.variableDefinitions ?? []), ...added];
  return {
    ...withOperation(fetch, { ...operation, variableDefinitions: variables, selectionSet: selected }),
    variableUsages: [...known, ...added.map(({ variable }) => variable.name.value)],
  };
}
