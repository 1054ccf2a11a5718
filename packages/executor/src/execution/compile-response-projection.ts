import {
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql';
import { collectFields, type Selecting } from './collect-fields.js';
import { leafOf } from './leaf.js';
import type { FieldShape, ObjectShape, ValueShape } from './response-projection.js';

/** How the values of a type are shaped by selection sets. */
export function compileShape(
  selecting: Selecting,
  type: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
): ObjectShape {
  const fields = [...collectFields(selecting, type, sets)].flatMap(
    ([to, nodes]) => compileField(selecting, type, to, nodes) ?? [],
  );
  // Also for a field that is called __proto__, which an assignment to any other object would not make.
  return {
    isAbstract: !isObjectType(type),
    fields,
    blank: Object.fromEntries(fields.map(({ to }) => [to, null])),
  };
}

function compileField(
  selecting: Selecting,
  parent: GraphQLCompositeType,
  to: string,
  nodes: readonly FieldNode[],
): FieldShape | undefined {
  const [node] = nodes;
  if (!node) return undefined;
  const name = node.name.value;
  const from = (node.alias ?? node.name).value;
  const coordinate = `${parent.name}.${name}`;
  if (name === TypeNameMetaFieldDef.name) {
    const value = { kind: 'typename', name: isObjectType(parent) ? parent.name : undefined } as const;
    return { from, to, coordinate, isNonNull: true, value };
  }
  // Answered from the schema, and right as it is.
  if (name === SchemaMetaFieldDef.name || name === TypeMetaFieldDef.name) {
    return { from, to, coordinate, isNonNull: false, value: { kind: 'leaf', leaf: (given) => given } };
  }
  const type = 'getFields' in parent ? parent.getFields()[name]?.type : undefined;
  if (!type) return undefined;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return { from, to, coordinate, isNonNull: isNonNullType(type), value: compileValue(selecting, type, sets) };
}

function compileValue(
  selecting: Selecting,
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
): ValueShape {
  if (isNonNullType(type)) return compileValue(selecting, type.ofType, sets);
  if (isListType(type)) {
    return {
      kind: 'list',
      isNonNull: isNonNullType(type.ofType),
      of: compileValue(selecting, type.ofType, sets),
    };
  }
  if (isLeafType(type)) return { kind: 'leaf', leaf: leafOf(type) };
  return compileObject(selecting, type, sets);
}

function compileObject(
  selecting: Selecting,
  declared: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
): ValueShape {
  const { schema } = selecting;
  const known = new Map<unknown, ObjectShape>();
  const shapeAs = (type: GraphQLCompositeType): ObjectShape => {
    let shape = known.get(type.name);
    if (!shape) known.set(type.name, (shape = compileShape(selecting, type, sets)));
    return shape;
  };
  if (isObjectType(declared)) {
    // What the data says is of no account: a subgraph may have its own names for root types.
    const shape = shapeAs(declared);
    return { kind: 'object', shapeOf: () => shape, shapes: () => [shape] };
  }
  return {
    kind: 'object',
    shapeOf(typename) {
      const shape = known.get(typename);
      if (shape) return shape;
      if (typename === undefined || typename === declared.name) return shapeAs(declared);
      const type = typeof typename === 'string' ? schema.getType(typename) : undefined;
      if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
      return schema.isSubType(declared, type) ? shapeAs(type) : undefined;
    },
    shapes: () => schema.getPossibleTypes(declared).map(shapeAs),
  };
}
