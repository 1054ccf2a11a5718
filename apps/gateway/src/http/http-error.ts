import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';

/** A request's own fault, with the HTTP status that goes with it. */
export const httpError = (
  status: number,
  code: string,
  message: string,
  details: GraphQLErrorExtensions = {},
): GraphQLError => new GraphQLError(message, { extensions: { ...details, code, http: { status } } });
