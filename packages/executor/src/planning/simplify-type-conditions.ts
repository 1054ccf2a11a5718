import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isUnionType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface Narrowing {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** The interfaces that some subgraph knows as one object type (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
}

/** Of the query type, and not among its fields. */
const META_FIELDS = new Map([SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]));

const fieldOf = (type: GraphQLCompositeType, name: string) =>
  'getFields' in type ? type.getFields()[name] : undefined;

type TypeNames = ReadonlySet<string>;

/**
 * Leaves out the type conditions of an operation that always hold, and what stands under those that never do. The
 * planner throws at a condition that no object can meet in the place where it stands, and at one on another abstract
 * type where a value is of an interface that some subgraph knows as one object type; that is said by object types.
 * @returns the document of the operation only, without named fragments; a selection of a field in it may be empty
 */
export function narrowConditions(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { schema, interfaceObjects }: Narrowing,
): DocumentNode {
  const fragments = new Map(
    document.definitions
      .filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const objectsOf = (type: GraphQLCompositeType): TypeNames =>
    new Set(isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name]);

  const isKindOf = (type: GraphQLCompositeType, condition: GraphQLCompositeType): boolean =>
    isAbstractType(condition) && !isUnionType(type) && schema.isSubType(condition, type);

  const narrowField = (type: GraphQLCompositeType, field: FieldNode): FieldNode => {
    const definition = META_FIELDS.get(field.name.value) ?? fieldOf(type, field.name.value);
    const of = definition && getNamedType(definition.type);
    if (!field.selectionSet || !isCompositeType(of)) return field;
    return { ...field, selectionSet: narrow(field.selectionSet, of, objectsOf(of)) };
  };

  const narrowFragment = (
    type: GraphQLCompositeType,
    possible: TypeNames,
    selection: Exclude<SelectionNode, FieldNode>,
  ): readonly SelectionNode[] => {
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const condition = schema.getType(fragment?.typeCondition?.name.value ?? type.name);
    if (!fragment || !isCompositeType(condition)) return [selection];
    const { selectionSet } = fragment;
    const { directives = [] } = selection;
    if (condition === type || isKindOf(type, condition)) {
      const set = narrow(selectionSet, type, possible);
      return directives.length > 0 ? inline(undefined, set, selection) : set.selections;
    }
    const met = objectsOf(condition);
    const left = [...possible].filter((name) => met.has(name));
    if (isInterfaceType(type) && interfaceObjects.has(type.name) && isAbstractType(condition)) {
      return left.flatMap((name) => {
        const object = schema.getType(name);
        if (!isCompositeType(object)) return [];
        return inline(name, narrow(selectionSet, object, new Set([name])), selection);
      });
    }
    if (left.length === 0) return [];
    return inline(condition.name, narrow(selectionSet, condition, new Set(left)), selection);
  };

  /** @param possible the object types that a value in this place can have */
  const narrow = (
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    possible: TypeNames,
  ): SelectionSetNode => {
    const spread = new Set<string>();
    const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return [narrowField(type, selection)];
      if (selection.kind === Kind.FRAGMENT_SPREAD && !selection.directives?.length) {
        if (spread.has(selection.name.value)) return [];
        spread.add(selection.name.value);
      }
      return narrowFragment(type, possible, selection);
    });
    return { ...set, selections };
  };

  const root = schema.getRootType(operation.operation);
  if (!root) return document;
  const selectionSet = narrow(operation.selectionSet, root, objectsOf(root));
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] };
}

/** A fragment in its place; none where it selects nothing. */
function inline(
  on: string | undefined,
  selectionSet: SelectionSetNode,
  { directives = [] }: Pick<InlineFragmentNode, 'directives'>,
): readonly InlineFragmentNode[] {
  if (selectionSet.selections.length === 0) return [];
  const name = on === undefined ? undefined : ({ kind: Kind.NAME, value: on } as const);
  return [
    {
      kind: Kind.INLINE_FRAGMENT,
      ...(name && { typeCondition: { kind: Kind.NAMED_TYPE, name } }),
      directives,
      selectionSet,
    },
  ];
}
