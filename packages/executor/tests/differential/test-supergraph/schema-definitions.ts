import { Kind, type ConstDirectiveNode, type DocumentNode, type SelectionSetNode } from 'graphql';
import { parseFieldSet } from './compose-subgraphs.js';

/** @returns the `fields` arguments of all applications of a directive */
export const getFieldSets = (
  directives: readonly ConstDirectiveNode[] = [],
  name: string,
): SelectionSetNode[] =>
  directives.flatMap((directive) => {
    const value = directive.arguments?.find((argument) => argument.name.value === 'fields')?.value;
    return directive.name.value === name && value?.kind === Kind.STRING ? [parseFieldSet(value.value)] : [];
  });

export function getEnumValues(document: DocumentNode | undefined, name: string): string[] {
  const found = document?.definitions.find(
    (each) => each.kind === Kind.ENUM_TYPE_DEFINITION && each.name.value === name,
  );
  return found?.kind === Kind.ENUM_TYPE_DEFINITION ? (found.values ?? []).map((each) => each.name.value) : [];
}

/** @returns the object types that a subgraph knows as members of an abstract type */
export function getSubgraphPossibleTypes(
  document: DocumentNode | undefined,
  abstract: string,
  all: readonly string[],
  isInterface: boolean,
): readonly string[] {
  const definitions = document?.definitions ?? [];
  if (isInterface) {
    const isInterfaceObject = definitions.some(
      (each) => each.kind === Kind.OBJECT_TYPE_DEFINITION && each.name.value === abstract,
    );
    if (isInterfaceObject) return all;
  }
  return definitions.flatMap((each) => {
    if (each.kind === Kind.UNION_TYPE_DEFINITION && each.name.value === abstract) {
      return (each.types ?? []).map(({ name }) => name.value);
    }
    if (each.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
    return each.interfaces?.some(({ name }) => name.value === abstract) ? [each.name.value] : [];
  });
}
