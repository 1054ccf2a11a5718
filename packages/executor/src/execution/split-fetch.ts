import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, visit, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { operationOf, selectionSet, without, withOperation } from '../operations/selections.js';
import type { SubgraphView } from '../supergraph/subgraph-view.js';

/** Fields that require the same of an entity. */
interface Part {
  readonly fields: Set<FieldNode>;
  readonly required: ReadonlySet<string>;
}

/**
 * A fetch of entities in parts, by what the fields of each require beside a key: those of one part may be had of an entity
 * that lacks what others require.
 * @param view of the fetch's subgraph
 * @returns none where there is but one part
 */
export function splitFetch(node: FetchNode, view: SubgraphView): FetchNode[] {
  const operation = operationOf(node);
  const [entities] = operation.selectionSet.selections;
  if (!node.requires || entities?.kind !== Kind.FIELD || !entities.selectionSet) return [];
  const given = namesIn(node.requires);
  const { parts, keys } = partsOf(entities.selectionSet, view, given);
  if (parts.length < 2) return [];
  const requiredBySome = new Set(parts.flatMap(({ required }) => [...required]));
  return parts.map(({ fields, required }) => {
    const isOthers = (name: string) => requiredBySome.has(name) && !required.has(name) && !keys.has(name);
    const set = without(entities.selectionSet ?? selectionSet([]), (field) => !fields.has(field));
    const used = variablesIn(set);
    const part = withOperation(node, {
      ...operation,
      variableDefinitions: (operation.variableDefinitions ?? []).filter(
        ({ variable }) => used.has(variable.name.value) || !isOfClient(node, variable.name.value),
      ),
      selectionSet: selectionSet([{ ...entities, selectionSet: set }]),
    });
    return {
      ...part,
      variableUsages: (node.variableUsages ?? []).filter((name) => used.has(name)),
      requires: leaveOut(node.requires ?? [], isOthers),
    };
  });
}

/** @param given the names of all that the fetch requires: what a field requires and can have in its own subgraph is not among them */
function partsOf(set: SelectionSetNode, view: SubgraphView, given: ReadonlySet<string>) {
  const parts = new Map<string, Part>();
  const keys = new Set<string>();
  const collect = ({ selections }: SelectionSetNode, type: string): void => {
    for (const key of view.keysOf(type)) for (const name of topNames(key)) keys.add(name);
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, selection.typeCondition?.name.value ?? type);
      } else if (selection.kind === Kind.FIELD) {
        const requires = view.fieldsOf(type).get(selection.name.value)?.requires ?? '';
        const required = new Set(topNames(requires).filter((name) => given.has(name)));
        const id = [...required].sort().join(' ');
        const part = parts.get(id) ?? { fields: new Set(), required };
        parts.set(id, part);
        part.fields.add(selection);
      }
    }
  };
  collect(set, '');
  return { parts: [...parts.values()], keys };
}

/** The names of an entity's own fields in a field set, as directives write it. */
function topNames(fieldSet: string): string[] {
  if (fieldSet === '') return [];
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  const names: string[] = [];
  const collect = (selections: readonly SelectionNode[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.push(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet.selections);
    }
  };
  if (definition?.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet.selections);
  return names;
}

const namesIn = (nodes: readonly QueryPlanSelectionNode[]): Set<string> =>
  new Set(
    nodes.flatMap((node) =>
      node.kind === 'Field' ? [node.alias ?? node.name] : [...namesIn(node.selections)],
    ),
  );

const leaveOut = (
  nodes: readonly QueryPlanSelectionNode[],
  isUnwanted: (name: string) => boolean,
): QueryPlanSelectionNode[] =>
  nodes.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'Field') return isUnwanted(node.alias ?? node.name) ? [] : [node];
    return [{ ...node, selections: leaveOut(node.selections, isUnwanted) }];
  });

function variablesIn(set: SelectionSetNode): Set<string> {
  const names = new Set<string>();
  visit(set, {
    Variable: ({ name }) => {
      names.add(name.value);
    },
  });
  return names;
}

const isOfClient = ({ variableUsages = [] }: FetchNode, name: string): boolean =>
  variableUsages.includes(name);
