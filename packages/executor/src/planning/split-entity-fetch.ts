import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  visit,
  type ASTNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { operationOf, selectionSet, without, withOperation } from './plan-nodes.js';
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
  const { requires } = node;
  const operation = operationOf(node);
  const [entities] = operation.selectionSet.selections;
  if (!requires || entities?.kind !== Kind.FIELD || !entities.selectionSet) return [];
  const { selectionSet: all } = entities;
  const { parts, keys } = partsOf(all, view, namesIn(requires));
  if (parts.length < 2) return [];
  const requiredBySome = new Set(parts.flatMap(({ required }) => [...required]));
  return parts.map(({ fields, required }) => {
    const ofOthers = (name: string) => requiredBySome.has(name) && !required.has(name) && !keys.has(name);
    const set = without(all, (field) => !isTypename(field) && !fields.has(field));
    const unused = unusedVariables(node, [set, ...(operation.directives ?? [])]);
    const { variableDefinitions = [] } = operation;
    const part = withOperation(node, {
      ...operation,
      variableDefinitions: variableDefinitions.filter(({ variable }) => !unused.has(variable.name.value)),
      selectionSet: selectionSet([{ ...entities, selectionSet: set }]),
    });
    return {
      ...part,
      variableUsages: (node.variableUsages ?? []).filter((name) => !unused.has(name)),
      requires: leaveOut(requires, ofOthers),
    };
  });
}

/** @param given what the fetch requires: else a field has in its own subgraph what it requires */
function partsOf(set: SelectionSetNode, view: SubgraphView, given: ReadonlySet<string>) {
  const parts = new Map<string, Part>();
  const keys = new Set<string>();
  const collect = ({ selections }: SelectionSetNode, type: string): void => {
    for (const key of view.keysOf(type)) for (const name of namesOf(key)) keys.add(name);
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, selection.typeCondition?.name.value ?? type);
      } else if (selection.kind === Kind.FIELD && !isTypename(selection)) {
        const requires = view.fieldsOf(type).get(selection.name.value)?.requires;
        const required = new Set(namesOf(requires).filter((name) => given.has(name)));
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

const isTypename = ({ name }: FieldNode): boolean => name.value === '__typename';

/** The names of an entity's own fields in a field set, as directives write it. */
function namesOf(fieldSet: string | undefined): string[] {
  if (fieldSet === undefined) return [];
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

/** Those of the client's variables that no part of an operation uses. */
function unusedVariables({ variableUsages }: FetchNode, parts: readonly ASTNode[]): Set<string> {
  const unused = new Set(variableUsages);
  for (const part of parts) {
    visit(part, {
      Variable: ({ name }) => {
        unused.delete(name.value);
      },
    });
  }
  return unused;
}
