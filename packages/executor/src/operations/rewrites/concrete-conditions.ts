import {
  doTypesOverlap,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type SelectionSetNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
} from 'graphql';

/**
 * Says by object types what is conditional on another abstract type, where a value is of an interface that some
 * subgraph knows as one object type (`@interfaceObject`): the planner finds no way to tell.
 * @param interfaces the names of these
 * @returns a document in which a selection may be empty
 */
export function concreteConditions(
  document: DocumentNode,
  schema: GraphQLSchema,
  interfaces: ReadonlySet<string>,
): DocumentNode {
  if (interfaces.size === 0) return document;
  const fragments = new Map(
    document.definitions
      .filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet(set) {
        const parent = types.getParentType();
        const isUnclear = isInterfaceType(parent) && interfaces.has(parent.name);
        if (!isUnclear && !isObjectType(parent)) return undefined;
        const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
          if (selection.kind === Kind.FIELD) return [selection];
          const fragment =
            selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
          const condition = schema.getType(fragment?.typeCondition?.name.value ?? parent.name);
          if (!fragment || !isCompositeType(condition)) return [selection];
          // What has been said by object types may hold conditions that none of them can meet.
          if (isObjectType(parent)) return doTypesOverlap(schema, parent, condition) ? [selection] : [];
          return concrete(schema, parent, condition, selection, fragment.selectionSet);
        });
        return { ...set, selections };
      },
    }),
  );
}

function concrete(
  schema: GraphQLSchema,
  parent: GraphQLInterfaceType,
  condition: GraphQLCompositeType,
  selection: InlineFragmentNode | FragmentSpreadNode,
  selectionSet: SelectionSetNode,
): readonly SelectionNode[] {
  if (isObjectType(condition)) return [selection];
  const inline = (on: string): InlineFragmentNode => ({
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: on } },
    directives: selection.directives ?? [],
    selectionSet,
  });
  if (condition === parent || schema.isSubType(condition, parent)) return [inline(parent.name)];
  return schema
    .getPossibleTypes(parent)
    .filter((type) => schema.isSubType(condition, type))
    .map(({ name }) => inline(name));
}
