import { Kind, type NamedTypeNode, type TypeNode } from 'graphql';

export const namedType = (type: TypeNode): NamedTypeNode =>
  type.kind === Kind.NAMED_TYPE ? type : namedType(type.type);

/** The type that allows null only where both do. */
export function strictest(one: TypeNode, other: TypeNode): TypeNode {
  if (one.kind === Kind.NON_NULL_TYPE || other.kind === Kind.NON_NULL_TYPE) {
    const inner = strictest(nullable(one), nullable(other));
    return inner.kind === Kind.NON_NULL_TYPE ? inner : { kind: Kind.NON_NULL_TYPE, type: inner };
  }
  return one.kind === Kind.LIST_TYPE && other.kind === Kind.LIST_TYPE
    ? { kind: Kind.LIST_TYPE, type: strictest(one.type, other.type) }
    : one;
}

const nullable = (type: TypeNode): TypeNode => (type.kind === Kind.NON_NULL_TYPE ? type.type : type);
