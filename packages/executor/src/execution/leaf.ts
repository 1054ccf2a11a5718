import { GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, isEnumType, type GraphQLLeafType } from 'graphql';

/** @returns the value as clients get it; undefined where it is none of the type's */
export type Leaf = (value: unknown) => unknown;

const SCALARS: Readonly<Record<string, Leaf>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Float: (value) => (typeof value === 'number' ? value : undefined),
  Int: (value) =>
    Number.isInteger(value) && (value as number) <= GRAPHQL_MAX_INT && (value as number) >= GRAPHQL_MIN_INT
      ? value
      : undefined,
  // graphql-js answers identifiers as text, whatever a resolver gives.
  ID: (value) => {
    if (typeof value === 'string') return value;
    return Number.isInteger(value) ? String(value) : undefined;
  },
};

/** Any JSON will do for other scalars: only their subgraphs know what they mean. */
export function leafOf(type: GraphQLLeafType): Leaf {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => (names.has(value) ? value : undefined);
  }
  return SCALARS[type.name] ?? ((value) => value);
}
