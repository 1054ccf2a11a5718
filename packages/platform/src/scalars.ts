import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/**
 * A scalar that passes strings through and refuses everything else. What the string must say is judged by the command,
 * so that one bad value is one fault with its path and not the refusal of a whole request.
 */
export function createStringScalar(name: string): GraphQLScalarType<string, string> {
  const refuse = (): never => {
    throw new GraphQLError(`${name} must be a string.`, { extensions: { code: 'BAD_USER_INPUT' } });
  };
  return new GraphQLScalarType<string, string>({
    name,
    serialize: (value) => (typeof value === 'string' ? value : refuse()),
    parseValue: (value) => (typeof value === 'string' ? value : refuse()),
    parseLiteral: (node) => (node.kind === Kind.STRING ? node.value : refuse()),
  });
}
