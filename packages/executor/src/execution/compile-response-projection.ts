import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { getResponseKey, isIntrospectionField } from '../shared/graphql-ast.js';
import { getFragmentNumber } from '../planning/label-deferred-fragments.js';
import { getFieldType } from '../shared/schema-fields.js';
import type { AccessFilter } from '../supergraph/access-filter.js';
import { compileIntrospection, type IntrospectionContext } from './compile-introspection.js';
import type {
  DeferredProjection,
  FieldProjection,
  ObjectProjection,
  ValueProjection,
} from './object-projection.js';
import { createLeafSerializer } from './serialize-leaf.js';

export interface ProjectionCompilerContext extends IntrospectionContext {
  /** Returns the key of a field in the client's response. The field's own key is the one in the response tree. */
  readonly getClientResponseKey: (field: FieldNode) => string;
  /** Which fields are not fetched, because the client may not access them. @default none */
  readonly accessFilter?: AccessFilter | undefined;
  /** Whether deferred fragments get separate projections. Otherwise their fields are projected with all others. */
  readonly isDeferring: boolean;
}

/** Selections of the same objects. */
export interface ProjectedSelectionSet {
  readonly selectionSet: SelectionSetNode;
  /** The type of which the operation selects fields here. The objects can be of a more specific type. */
  readonly typeName: string;
  /** Whether the client may access nothing of it, because it may not access the field or fragment around it. */
  readonly isDenied: boolean;
}

/** A field and the type of whose objects the operation selects it. */
interface ProjectedField {
  readonly node: FieldNode;
  readonly parentTypeName: string;
  /** Whether it is not fetched, because the client may not access it. */
  readonly isDenied: boolean;
}

/**
 * Compiles the projection of a type by selection sets.
 * @param type an object type, or an abstract type for objects of unknown type
 * @param selectionSets without `@skip` and `@include`
 */
export function compileObjectProjection(
  context: ProjectionCompilerContext,
  type: GraphQLCompositeType,
  selectionSets: readonly ProjectedSelectionSet[],
): ObjectProjection {
  const { fieldsByKey, deferredSets } = collectFields(context, type, selectionSets);
  const fields = [...fieldsByKey].flatMap(
    ([clientKey, equalFields]) => compileField(context, type, clientKey, equalFields) ?? [],
  );
  return {
    isAbstract: !isObjectType(type),
    fields,
    deferred: deferredSets?.map(({ fragment, set }) => compileDeferred(context, type, fragment, set)),
    // Object.fromEntries also creates a key __proto__, which an assignment would not.
    emptyObject: Object.fromEntries(fields.map(({ clientKey }) => [clientKey, null])),
  };
}

/** Compiled on first use. */
function compileDeferred(
  context: ProjectionCompilerContext,
  type: GraphQLCompositeType,
  fragment: number,
  set: ProjectedSelectionSet,
): DeferredProjection {
  let projection: ObjectProjection | undefined;
  return {
    fragment,
    getProjection: () => (projection ??= compileObjectProjection(context, type, [set])),
  };
}

/** What applies to one type. */
interface CollectedFields {
  /** By client response key, in response order. */
  readonly fieldsByKey: ReadonlyMap<string, readonly ProjectedField[]>;
  /** The deferred fragments; `undefined` if there are none. */
  readonly deferredSets: readonly DeferredSelectionSet[] | undefined;
}

interface DeferredSelectionSet {
  readonly fragment: number;
  readonly set: ProjectedSelectionSet;
}

/**
 * Collects the fields that apply to a type by their client response keys, in response order
 * (https://spec.graphql.org/October2021/#CollectFields()).
 */
function collectFields(
  { apiSchema, fragments, getClientResponseKey, accessFilter, isDeferring }: ProjectionCompilerContext,
  type: GraphQLCompositeType,
  selectionSets: readonly ProjectedSelectionSet[],
): CollectedFields {
  const fieldsByKey = new Map<string, ProjectedField[]>();
  let deferredSets: DeferredSelectionSet[] | undefined;
  const visitedFragments = { permitted: new Set<string>(), denied: new Set<string>() };
  const collectFragment = (
    selectionSet: SelectionSetNode,
    parent: ProjectedSelectionSet,
    condition: string | undefined,
    fragment: number | undefined,
  ): void => {
    if (!satisfiesCondition(apiSchema, type, condition)) return;
    const isDenied =
      parent.isDenied || (condition !== undefined && accessFilter?.isFragmentDenied(condition) === true);
    const set = { selectionSet, typeName: condition ?? parent.typeName, isDenied };
    if (fragment === undefined) collect(set);
    else (deferredSets ??= []).push({ fragment, set });
  };
  const collect = (set: ProjectedSelectionSet): void => {
    for (const selection of set.selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const key = getClientResponseKey(selection);
        const isDenied = set.isDenied || accessFilter?.isFieldDenied(set.typeName, selection) === true;
        const field = { node: selection, parentTypeName: set.typeName, isDenied };
        const equalFields = fieldsByKey.get(key);
        if (equalFields) equalFields.push(field);
        else fieldsByKey.set(key, [field]);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const number = isDeferring ? getFragmentNumber(selection) : undefined;
        collectFragment(selection.selectionSet, set, selection.typeCondition?.name.value, number);
        continue;
      }
      const visited = set.isDenied ? visitedFragments.denied : visitedFragments.permitted;
      if (visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment) collectFragment(fragment.selectionSet, set, fragment.typeCondition.name.value, undefined);
    }
  };
  selectionSets.forEach(collect);
  return { fieldsByKey, deferredSets };
}

function satisfiesCondition(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  typeName: string | undefined,
): boolean {
  if (typeName === undefined || typeName === type.name) return true;
  const condition = schema.getType(typeName);
  return isAbstractType(condition) && !isUnionType(type) && schema.isSubType(condition, type);
}

function compileField(
  context: ProjectionCompilerContext,
  parentType: GraphQLCompositeType,
  clientKey: string,
  equalFields: readonly ProjectedField[],
): FieldProjection | undefined {
  // A field that is denied in one place and permitted in another one is fetched.
  const permitted = equalFields.find(({ isDenied }) => !isDenied);
  const node = (permitted ?? equalFields[0])?.node;
  if (!node) return undefined;
  const name = node.name.value;
  const common = {
    treeKey: getResponseKey(node),
    clientKey,
    coordinate: `${parentType.name}.${name}`,
    hasDeferred:
      context.isDeferring && equalFields.some((field) => hasDeferredFragment(field.node.selectionSet)),
  };
  if (name === TypeNameMetaFieldDef.name) {
    const typeName = isObjectType(parentType) ? parentType.name : undefined;
    return { ...common, isNonNull: true, value: { kind: 'typename', typeName } };
  }
  if (isIntrospectionField(node)) {
    // The schema is not protected.
    const nodes = equalFields.map((field) => field.node);
    const resolve = compileIntrospection(context, nodes);
    return { ...common, isNonNull: false, value: { kind: 'introspection', resolve } };
  }
  const type = 'getFields' in parentType ? parentType.getFields()[name]?.type : undefined;
  if (!type) return undefined;
  const isNonNull = isNonNullType(type);
  if (!permitted) return { ...common, isNonNull, value: { kind: 'denied' } };
  const selectionSets = listSelectionSets(context, equalFields);
  return { ...common, isNonNull, value: compileValue(context, type, selectionSets) };
}

function hasDeferredFragment(selectionSet: SelectionSetNode | undefined): boolean {
  return (
    selectionSet?.selections.some(
      (selection) =>
        selection.kind !== Kind.FRAGMENT_SPREAD &&
        (getFragmentNumber(selection) !== undefined || hasDeferredFragment(selection.selectionSet)),
    ) === true
  );
}

const listSelectionSets = (
  { apiSchema }: ProjectionCompilerContext,
  fields: readonly ProjectedField[],
): readonly ProjectedSelectionSet[] =>
  fields.flatMap(({ node: { name, selectionSet }, parentTypeName, isDenied }) => {
    const type = getFieldType(apiSchema, parentTypeName, name.value);
    return selectionSet && type ? [{ selectionSet, typeName: getNamedType(type).name, isDenied }] : [];
  });

function compileValue(
  context: ProjectionCompilerContext,
  type: GraphQLOutputType,
  selectionSets: readonly ProjectedSelectionSet[],
): ValueProjection {
  if (isNonNullType(type)) return compileValue(context, type.ofType, selectionSets);
  if (isListType(type)) {
    return {
      kind: 'list',
      isElementNonNull: isNonNullType(type.ofType),
      element: compileValue(context, type.ofType, selectionSets),
    };
  }
  if (isLeafType(type)) return { kind: 'leaf', serialize: createLeafSerializer(type) };
  return compileCompositeValue(context, type, selectionSets);
}

function compileCompositeValue(
  context: ProjectionCompilerContext,
  declaredType: GraphQLCompositeType,
  selectionSets: readonly ProjectedSelectionSet[],
): ValueProjection {
  if (isObjectType(declaredType)) {
    return { kind: 'object', projection: compileObjectProjection(context, declaredType, selectionSets) };
  }
  const { apiSchema } = context;
  const projections = new Map<unknown, ObjectProjection>();
  const getProjection = (type: GraphQLCompositeType): ObjectProjection => {
    let projection = projections.get(type.name);
    if (!projection) {
      projections.set(type.name, (projection = compileObjectProjection(context, type, selectionSets)));
    }
    return projection;
  };
  return {
    kind: 'abstract',
    getProjection(typename) {
      const projection = projections.get(typename);
      if (projection) return projection;
      if (typename === undefined || typename === declaredType.name) return getProjection(declaredType);
      const type = typeof typename === 'string' ? apiSchema.getType(typename) : undefined;
      if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
      return apiSchema.isSubType(declaredType, type) ? getProjection(type) : undefined;
    },
    listProjections: () => apiSchema.getPossibleTypes(declaredType).map(getProjection),
  };
}
