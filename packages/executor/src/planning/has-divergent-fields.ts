import { Kind, print, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { getResponseKey } from '../shared/graphql-ast.js';

/**
 * Whether one response key stands for different fields, or one field with different arguments, in objects of different types.
 * Named fragments must be inlined.
 */
export const hasDivergentFields = (selectionSet: SelectionSetNode): boolean =>
  hasDivergentFieldsIn(selectionSet.selections);

function hasDivergentFieldsIn(selections: readonly SelectionNode[]): boolean {
  const fieldsByKey = new Map<string, FieldNode[]>();
  const collect = (selection: SelectionNode): void => {
    if (selection.kind === Kind.INLINE_FRAGMENT) selection.selectionSet.selections.forEach(collect);
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
    if (subselections.length > 0 && hasDivergentFieldsIn(subselections)) return true;
  }
  return false;
}

function isSameField(one: FieldNode, other: FieldNode): boolean {
  if (one.name.value !== other.name.value) return false;
  const { arguments: args = [] } = one;
  const { arguments: otherArgs = [] } = other;
  if (args.length === 0 || otherArgs.length === 0) return args.length === otherArgs.length;
  return printArguments(one) === printArguments(other);
}

const printArguments = ({ arguments: args = [] }: FieldNode): string =>
  args
    .map((argument) => print(argument))
    .sort()
    .join();
