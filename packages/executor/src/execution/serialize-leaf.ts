import { GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, isEnumType, type GraphQLLeafType } from 'graphql';

/** Returns the client's value of an enum or scalar; `undefined` if the value is not one of the type. */
export type SerializeLeaf = (value: unknown) => unknown;

/** Serializes values that need no check. */
const passUnchanged: SerializeLeaf = (value) => value;

const SCALAR_SERIALIZERS: ReadonlyMap<string, SerializeLeaf> = new Map<string, SerializeLeaf>([
  ['String', (value) => (typeof value === 'string' ? value : undefined)],
  ['Boolean', (value) => (typeof value === 'boolean' ? value : undefined)],
  [
    'Float',
    (value) => {
      if (typeof value === 'number') return value;
      return typeof value === 'bigint' ? Number(value) : undefined;
    },
  ],
  [
    'Int',
    (value) =>
      Number.isInteger(value) && (value as number) <= GRAPHQL_MAX_INT && (value as number) >= GRAPHQL_MIN_INT
        ? value
        : undefined,
  ],
  // Like graphql-js, which serializes integers of type ID as strings.
  [
    'ID',
    (value) => {
      if (typeof value === 'string') return value;
      return typeof value === 'bigint' || Number.isInteger(value) ? String(value) : undefined;
    },
  ],
]);

/** Creates the check of a leaf type. Custom scalars accept any JSON value, because only their subgraphs know them. */
export function createLeafSerializer(type: GraphQLLeafType): SerializeLeaf {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => (names.has(value) ? value : undefined);
  }
  return SCALAR_SERIALIZERS.get(type.name) ?? passUnchanged;
}
