import { GraphQLError } from 'graphql';

/** A request's own fault, with the HTTP status that goes with it. */
export const httpError = (status: number, code: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status } } });
