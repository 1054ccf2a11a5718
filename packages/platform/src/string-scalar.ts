import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/**
 * Creates a GraphQL scalar that accepts any string and rejects every other value with `BAD_USER_INPUT`.
 *
 * The command validates the content of the string. One invalid value is then one input fault with a path, and does not
 * fail the whole request.
 */
export function createStringScalar(name: string): GraphQLScalarType<string, string> {
  const reject = (): never => {
    throw new GraphQLError(`${name} must be a string.`, { extensions: { code: 'BAD_USER_INPUT' } });
  };
  return new GraphQLScalarType<string, string>({
    name,
    serialize: (value) => (typeof value === 'string' ? value : reject()),
    parseValue: (value) => (typeof value === 'string' ? value : reject()),
    parseLiteral: (node) => (node.kind === Kind.STRING ? node.value : reject()),
  });
}
