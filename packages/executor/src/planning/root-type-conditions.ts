import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  stripIgnoredCharacters,
  type GraphQLNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
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
  const rootTypes = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    (type) => type ?? [],
  );
  const conditions = rootTypes.map(({ name }) => `...on ${name}{`);
  const isRedundant = ({ typeCondition }: InlineFragmentNode, type: GraphQLNamedType | undefined): boolean =>
    typeCondition?.name.value === type?.name && rootTypes.some((rootType) => rootType === type);

  const removeInSelection = (
    selection: SelectionNode,
    type: GraphQLNamedType | undefined,
  ): readonly SelectionNode[] => {
    if (!('selectionSet' in selection) || !selection.selectionSet) return [selection];
    if (selection.kind === Kind.FIELD) {
      const field =
        isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined;
      return [{ ...selection, selectionSet: removeIn(selection.selectionSet, getNamedType(field?.type)) }];
    }
    const { typeCondition } = selection;
    const selectionSet = removeIn(
      selection.selectionSet,
      typeCondition ? schema.getType(typeCondition.name.value) : type,
    );
    if (!isRedundant(selection, type)) return [{ ...selection, selectionSet }];
    if (!selection.directives?.length) return selectionSet.selections;
    return [{ kind: selection.kind, directives: selection.directives, selectionSet }];
  };
  const removeIn = ({ selections }: SelectionSetNode, type: GraphQLNamedType | undefined): SelectionSetNode =>
    createSelectionSet(selections.flatMap((selection) => removeInSelection(selection, type)));

  return (text) => {
    if (!conditions.some((condition) => text.includes(condition))) return text;
    const operation = parseSingleOperation(text);
    const selectionSet = removeIn(
      operation.selectionSet,
      schema.getRootType(operation.operation) ?? undefined,
    );
    return stripIgnoredCharacters(print({ ...operation, selectionSet }));
  };
}
