import { createGraphQLErrorFormatter, type Logger } from '@seguridad-abc/platform';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';

/** What subgraphs of others may put among an error's extensions, and no client is to see. */
const PRIVATE = ['stacktrace', 'exception'];

/** @param correlationId of the operation that it is an error of */
export type ErrorFormatter = (error: GraphQLError, correlationId?: string) => GraphQLFormattedError;

/**
 * Decides what of an error a client sees. A subgraph's is passed on with its code and path: it has masked its own
 * faults. Everything else is the gateway's own, and treated as a subgraph treats its.
 */
export function gatewayErrorFormatter(logger: Logger): ErrorFormatter {
  const own = createGraphQLErrorFormatter(logger);
  return (error, correlationId) => {
    const formatted = error.toJSON();
    const { extensions = {}, ...rest } = formatted;
    if (typeof extensions['serviceName'] !== 'string') return own(formatted, error, correlationId);
    const told = Object.entries(extensions).filter(([name]) => !PRIVATE.includes(name));
    return { ...rest, extensions: Object.fromEntries(told) };
  };
}
