import { createGraphQLErrorFormatter, type Logger } from '@seguridad-abc/platform';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';

/** Extensions that a third-party subgraph may send and that clients must not see. */
const PRIVATE_EXTENSIONS = ['stacktrace', 'exception'];

/** Decides what a client sees of an error. @param correlationId of the operation that failed */
export type GatewayErrorFormatter = (error: GraphQLError, correlationId?: string) => GraphQLFormattedError;

/**
 * Creates the gateway's error formatter. A subgraph's error passes through with its code and path: the subgraph has
 * already masked its own faults. An error of the gateway is handled as a subgraph handles its own.
 */
export function createGatewayErrorFormatter(logger: Logger): GatewayErrorFormatter {
  const formatOwnError = createGraphQLErrorFormatter(logger);
  return (error, correlationId) => {
    const formatted = error.toJSON();
    const { extensions = {}, ...rest } = formatted;
    const isSubgraphError = typeof extensions['serviceName'] === 'string';
    if (!isSubgraphError) return formatOwnError(formatted, error, correlationId);
    const publicExtensions = Object.entries(extensions).filter(
      ([name]) => !PRIVATE_EXTENSIONS.includes(name),
    );
    return { ...rest, extensions: Object.fromEntries(publicExtensions) };
  };
}
