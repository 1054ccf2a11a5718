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
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { indexFragments } from '../shared/graphql-ast.js';

export interface TypeConditionSchema {
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  /** The interfaces that some subgraph defines as an object type (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
}

/** Root fields that are not among the fields of the query type. */
const META_FIELDS = new Map([SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]));

const getField = (type: GraphQLCompositeType, name: string) =>
  META_FIELDS.get(name) ?? ('getFields' in type ? type.getFields()[name] : undefined);

type TypeNames = ReadonlySet<string>;

/**
 * Removes type conditions that always hold, and fragments whose type conditions never hold. Named fragments are inlined.
 *
 * Apollo's planner throws at a condition that no object can satisfy. It also throws at a condition on an abstract type if
 * the value is of an interface that some subgraph defines as an object type; such a condition is replaced by conditions
 * on object types.
 * @returns a document with the operation only; selection sets of fields can be empty
 */
export function simplifyTypeConditions(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { apiSchema: schema, interfaceObjects }: TypeConditionSchema,
): DocumentNode {
  const fragments = indexFragments(document);
  const getPossibleTypes = (type: GraphQLCompositeType): TypeNames =>
    new Set(isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name]);

  const isSubType = (type: GraphQLCompositeType, condition: GraphQLCompositeType): boolean =>
    isAbstractType(condition) && !isUnionType(type) && schema.isSubType(condition, type);

  const simplifyField = (parent: GraphQLCompositeType, field: FieldNode): FieldNode => {
    const definition = getField(parent, field.name.value);
    const type = definition && getNamedType(definition.type);
    if (!field.selectionSet || !isCompositeType(type)) return field;
    return { ...field, selectionSet: simplifySelectionSet(field.selectionSet, type, getPossibleTypes(type)) };
  };

  const simplifyFragment = (
    type: GraphQLCompositeType,
    possibleTypes: TypeNames,
    selection: Exclude<SelectionNode, FieldNode>,
  ): readonly SelectionNode[] => {
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const condition = schema.getType(fragment?.typeCondition?.name.value ?? type.name);
    if (!fragment || !isCompositeType(condition)) return [selection];
    const { selectionSet } = fragment;
    const { directives = [] } = selection;
    if (condition === type || isSubType(type, condition)) {
      const simplified = simplifySelectionSet(selectionSet, type, possibleTypes);
      return directives.length > 0 ? createFragment(undefined, simplified, selection) : simplified.selections;
    }
    const satisfyingTypes = getPossibleTypes(condition);
    const remainingTypes = [...possibleTypes].filter((name) => satisfyingTypes.has(name));
    if (isInterfaceType(type) && interfaceObjects.has(type.name) && isAbstractType(condition)) {
      return remainingTypes.flatMap((name) => {
        const object = schema.getType(name);
        if (!isCompositeType(object)) return [];
        return createFragment(name, simplifySelectionSet(selectionSet, object, new Set([name])), selection);
      });
    }
    if (remainingTypes.length === 0) return [];
    const simplified = simplifySelectionSet(selectionSet, condition, new Set(remainingTypes));
    return createFragment(condition.name, simplified, selection);
  };

  /** @param possibleTypes the object types that a value can have at this place in the operation */
  const simplifySelectionSet = (
    selectionSet: SelectionSetNode,
    type: GraphQLCompositeType,
    possibleTypes: TypeNames,
  ): SelectionSetNode => {
    const spreadFragments = new Set<string>();
    const selections = selectionSet.selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return [simplifyField(type, selection)];
      if (selection.kind === Kind.FRAGMENT_SPREAD && !selection.directives?.length) {
        if (spreadFragments.has(selection.name.value)) return [];
        spreadFragments.add(selection.name.value);
      }
      return simplifyFragment(type, possibleTypes, selection);
    });
    return { ...selectionSet, selections };
  };

  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return document;
  const selectionSet = simplifySelectionSet(operation.selectionSet, rootType, getPossibleTypes(rootType));
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] };
}

/** Creates an inline fragment with the directives of a selection; none if it would be empty. */
function createFragment(
  typeCondition: string | undefined,
  selectionSet: SelectionSetNode,
  { directives = [] }: Pick<InlineFragmentNode, 'directives'>,
): readonly InlineFragmentNode[] {
  if (selectionSet.selections.length === 0) return [];
  const name = typeCondition === undefined ? undefined : ({ kind: Kind.NAME, value: typeCondition } as const);
  return [
    {
      kind: Kind.INLINE_FRAGMENT,
      ...(name && { typeCondition: { kind: Kind.NAMED_TYPE, name } }),
      directives,
      selectionSet,
    },
  ];
}
