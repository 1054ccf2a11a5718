import {
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
import { compileIntrospection, type IntrospectionContext } from './compile-introspection.js';
import {
  createLeafSerializer,
  type FieldProjection,
  type ObjectProjection,
  type ValueProjection,
} from './response-projection.js';

export interface ProjectionCompilerContext extends IntrospectionContext {
  /** Returns the key of a field in the client's response. The field's own key is the one in the response tree. */
  readonly getClientResponseKey: (field: FieldNode) => string;
}

/**
 * Compiles the projection of a type by selection sets.
 * @param type an object type, or an abstract type for objects of unknown type
 * @param selectionSets without `@skip` and `@include`
 */
export function compileObjectProjection(
  context: ProjectionCompilerContext,
  type: GraphQLCompositeType,
  selectionSets: readonly SelectionSetNode[],
): ObjectProjection {
  const fields = [...collectFields(context, type, selectionSets)].flatMap(
    ([clientKey, nodes]) => compileField(context, type, clientKey, nodes) ?? [],
  );
  return {
    isAbstract: !isObjectType(type),
    fields,
    // Object.fromEntries also creates a key __proto__, which an assignment would not.
    emptyObject: Object.fromEntries(fields.map(({ clientKey }) => [clientKey, null])),
  };
}

/**
 * Collects the fields that apply to a type by their client response keys, in response order
 * (https://spec.graphql.org/October2021/#CollectFields()).
 */
function collectFields(
  { apiSchema, fragments, getClientResponseKey }: ProjectionCompilerContext,
  type: GraphQLCompositeType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fieldsByKey = new Map<string, FieldNode[]>();
  const visitedFragments = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = getClientResponseKey(selection);
        const fields = fieldsByKey.get(key);
        if (fields) fields.push(selection);
        else fieldsByKey.set(key, [selection]);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (satisfiesCondition(apiSchema, type, selection.typeCondition?.name.value)) {
          collect(selection.selectionSet);
        }
        continue;
      }
      if (visitedFragments.has(selection.name.value)) continue;
      visitedFragments.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment && satisfiesCondition(apiSchema, type, fragment.typeCondition.name.value)) {
        collect(fragment.selectionSet);
      }
    }
  };
  selectionSets.forEach(collect);
  return fieldsByKey;
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
  nodes: readonly FieldNode[],
): FieldProjection | undefined {
  const [node] = nodes;
  if (!node) return undefined;
  const name = node.name.value;
  const common = { treeKey: getResponseKey(node), clientKey, coordinate: `${parentType.name}.${name}` };
  if (name === TypeNameMetaFieldDef.name) {
    const typeName = isObjectType(parentType) ? parentType.name : undefined;
    return { ...common, isNonNull: true, value: { kind: 'typename', typeName } };
  }
  if (isIntrospectionField(node)) {
    const resolve = compileIntrospection(context, nodes);
    return { ...common, isNonNull: false, value: { kind: 'introspection', resolve } };
  }
  const type = 'getFields' in parentType ? parentType.getFields()[name]?.type : undefined;
  if (!type) return undefined;
  const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return { ...common, isNonNull: isNonNullType(type), value: compileValue(context, type, selectionSets) };
}

function compileValue(
  context: ProjectionCompilerContext,
  type: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
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
  selectionSets: readonly SelectionSetNode[],
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
