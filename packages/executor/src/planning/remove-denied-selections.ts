import {
  getNamedType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { createSelectionSet, indexFragments } from '../shared/graphql-ast.js';
import { getFieldType } from '../shared/schema-fields.js';
import type { AccessFilter } from '../supergraph/access-filter.js';

/**
 * Removes the selections that the client may not access, so that they are not planned and no subgraph is asked for them.
 * @param document valid for the schema
 * @returns a document in which selection sets can be empty: the objects are still fetched, since the client learns whether they exist
 */
export function removeDeniedSelections(
  document: DocumentNode,
  schema: GraphQLSchema,
  filter: AccessFilter,
): DocumentNode {
  const fragments = indexFragments(document);
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (definition.kind === Kind.OPERATION_DEFINITION) {
        const rootType = schema.getRootType(definition.operation)?.name ?? '';
        const selectionSet = removeDenied(definition.selectionSet, rootType, schema, filter, fragments);
        return { ...definition, selectionSet };
      }
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) return definition;
      const { typeCondition, selectionSet } = definition;
      return {
        ...definition,
        selectionSet: removeDenied(selectionSet, typeCondition.name.value, schema, filter, fragments),
      };
    }),
  };
}

function removeDenied(
  { selections }: SelectionSetNode,
  typeName: string,
  schema: GraphQLSchema,
  filter: AccessFilter,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  return createSelectionSet(
    selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const condition = fragments.get(selection.name.value)?.typeCondition.name.value;
        return condition !== undefined && filter.isFragmentDenied(condition) ? [] : [selection];
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        if (condition !== undefined && filter.isFragmentDenied(condition)) return [];
        const inner = removeDenied(selection.selectionSet, condition ?? typeName, schema, filter, fragments);
        return [{ ...selection, selectionSet: inner }];
      }
      if (filter.isFieldDenied(typeName, selection)) return [];
      if (!selection.selectionSet) return [selection];
      const type = getFieldType(schema, typeName, selection.name.value);
      // Introspection is not protected.
      if (!type) return [selection];
      const inner = removeDenied(selection.selectionSet, getNamedType(type).name, schema, filter, fragments);
      return [{ ...selection, selectionSet: inner }];
    }),
  );
}
