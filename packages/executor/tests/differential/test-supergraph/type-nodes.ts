import { Kind, type NamedTypeNode, type TypeNode } from 'graphql';

export const getNamedTypeNode = (type: TypeNode): NamedTypeNode =>
  type.kind === Kind.NAMED_TYPE ? type : getNamedTypeNode(type.type);

/** Merges two types that differ in nullability only: the result allows null where both do. */
export function mergeNullability(one: TypeNode, other: TypeNode): TypeNode {
  if (one.kind === Kind.NON_NULL_TYPE || other.kind === Kind.NON_NULL_TYPE) {
    const inner = mergeNullability(nullable(one), nullable(other));
    return inner.kind === Kind.NON_NULL_TYPE ? inner : { kind: Kind.NON_NULL_TYPE, type: inner };
  }
  return one.kind === Kind.LIST_TYPE && other.kind === Kind.LIST_TYPE
    ? { kind: Kind.LIST_TYPE, type: mergeNullability(one.type, other.type) }
    : one;
}

const nullable = (type: TypeNode): TypeNode => (type.kind === Kind.NON_NULL_TYPE ? type.type : type);

/** Allows null in a type and in the elements of its lists. */
export function makeNullable(type: TypeNode): TypeNode {
  const inner = nullable(type);
  return inner.kind === Kind.LIST_TYPE ? { ...inner, type: makeNullable(inner.type) } : inner;
}
