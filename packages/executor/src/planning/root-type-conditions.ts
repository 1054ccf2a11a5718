import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  print,
  stripIgnoredCharacters,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { createSelectionSet, parseSingleOperation } from '../shared/graphql-ast.js';

/**
 * Removes conditions on a root type from an operation where the object has this type anyway. A subgraph may give its root types
 * other names (`schema { query: RootQuery }`). The supergraph does not contain them, so that operations must do without.
 */
export type RemoveRootTypeConditions = (operation: string) => string;

/** @param schema the schema that clients see */
export function createRootTypeConditionRemover(schema: GraphQLSchema): RemoveRootTypeConditions {
  const rootTypeNames = new Set(
    Object.values(OperationTypeNode).flatMap((operation) => schema.getRootType(operation)?.name ?? []),
  );
  const conditions = [...rootTypeNames].map((name) => `...on ${name}{`);
  const getFieldTypeName = (typeName: string | undefined, fieldName: string): string | undefined => {
    const type = typeName === undefined ? undefined : schema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
    const field = type.getFields()[fieldName];
    return field && getNamedType(field.type).name;
  };

  const removeInSelection = (
    selection: SelectionNode,
    typeName: string | undefined,
  ): readonly SelectionNode[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return [selection];
    if (selection.kind === Kind.FIELD) {
      const fieldTypeName = getFieldTypeName(typeName, selection.name.value);
      return [{ ...selection, selectionSet: removeIn(selection.selectionSet, fieldTypeName) }];
    }
    const condition = selection.typeCondition?.name.value;
    const selectionSet = removeIn(selection.selectionSet, condition ?? typeName);
    const isRedundant = condition !== undefined && condition === typeName && rootTypeNames.has(condition);
    if (!isRedundant) return [{ ...selection, selectionSet }];
    if (!selection.directives?.length) return selectionSet.selections;
    return [{ kind: selection.kind, directives: selection.directives, selectionSet }];
  };
  const removeIn = ({ selections }: SelectionSetNode, typeName: string | undefined): SelectionSetNode =>
    createSelectionSet(selections.flatMap((selection) => removeInSelection(selection, typeName)));

  return (text) => {
    if (!conditions.some((condition) => text.includes(condition))) return text;
    const operation = parseSingleOperation(text);
    const selectionSet = removeIn(operation.selectionSet, schema.getRootType(operation.operation)?.name);
    return stripIgnoredCharacters(print({ ...operation, selectionSet }));
  };
}
