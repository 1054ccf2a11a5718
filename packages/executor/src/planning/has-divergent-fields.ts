import {
  Kind,
  print,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { getResponseKey } from '../shared/graphql-ast.js';

/**
 * Whether one response key stands for different fields, or one field with different arguments, in objects of different types.
 * @param fragments the named fragments; they may be left out if they are inlined
 */
export const hasDivergentFields = (
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode> = new Map(),
): boolean => hasDivergentFieldsIn(selections, fragments);

function hasDivergentFieldsIn(
  selections: readonly SelectionNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  const fieldsByKey = new Map<string, FieldNode[]>();
  const spreadFragments = new Set<string>();
  const collect = (selection: SelectionNode): void => {
    if (selection.kind === Kind.INLINE_FRAGMENT) selection.selectionSet.selections.forEach(collect);
    if (selection.kind === Kind.FRAGMENT_SPREAD && !spreadFragments.has(selection.name.value)) {
      spreadFragments.add(selection.name.value);
      fragments.get(selection.name.value)?.selectionSet.selections.forEach(collect);
    }
    if (selection.kind !== Kind.FIELD) return;
    const key = getResponseKey(selection);
    const fields = fieldsByKey.get(key);
    if (fields) fields.push(selection);
    else fieldsByKey.set(key, [selection]);
  };
  selections.forEach(collect);
  for (const [first, ...others] of fieldsByKey.values()) {
    if (!first) continue;
    if (others.length > 0 && others.some((other) => !isSameField(first, other))) return true;
    const subselections = [first, ...others].flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
    if (subselections.length > 0 && hasDivergentFieldsIn(subselections, fragments)) return true;
  }
  return false;
}

function isSameField(one: FieldNode, other: FieldNode): boolean {
  if (one.name.value !== other.name.value) return false;
  const { arguments: args = [] } = one;
  const { arguments: otherArgs = [] } = other;
  if (args.length === 0 || otherArgs.length === 0) return args.length === otherArgs.length;
  return printField(one) === printField(other);
}

/** Prints the name and the arguments of a field. */
export const printField = ({ name, arguments: args = [] }: FieldNode): string =>
  `${name.value}(${args
    .map((argument) => print(argument))
    .sort()
    .join()})`;
