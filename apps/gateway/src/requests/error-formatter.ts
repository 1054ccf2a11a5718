import type { ErrorCodeCounts } from '../metrics/error-code-counts.js';
import { createExtensionFilter } from './extension-filter.js';
import { createGraphQLErrorFormatter, type Logger } from '@seguridad-abc/platform';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';

/** What the executor adds to the extensions of a subgraph's error. */
const OWN_EXTENSIONS = ['code', 'serviceName', 'cause'];

/** Extensions that clients must not see, also if all others are forwarded. */
const PRIVATE_EXTENSIONS = ['stacktrace', 'exception'];

/** Decides what a client sees of an error. @param correlationId of the operation that failed */
export type GatewayErrorFormatter = (error: GraphQLError, correlationId?: string) => GraphQLFormattedError;

/**
 * Creates the gateway's error formatter. A subgraph's error passes through with its code and path: the subgraph has
 * already masked its own faults. Of its other extensions, those in the list pass. An error of the gateway is handled as a
 * subgraph handles its own.
 * @param forwardedExtensions names of extensions; `*` for all
 * @param errorCodes counts the errors
 */
export function createGatewayErrorFormatter(
  logger: Logger,
  forwardedExtensions: readonly string[],
  errorCodes?: Pick<ErrorCodeCounts, 'record'>,
): GatewayErrorFormatter {
  const formatOwnError = createGraphQLErrorFormatter(logger);
  const isForwarded = createExtensionFilter([...OWN_EXTENSIONS, ...forwardedExtensions]);
  const format: GatewayErrorFormatter = (error, correlationId) => {
    const formatted = error.toJSON();
    const { extensions = {}, ...rest } = formatted;
    const isSubgraphError = typeof extensions['serviceName'] === 'string';
    if (!isSubgraphError) return formatOwnError(formatted, error, correlationId);
    const publicExtensions = Object.entries(extensions).filter(
      ([name]) => isForwarded(name) && !PRIVATE_EXTENSIONS.includes(name),
    );
    return { ...rest, extensions: Object.fromEntries(publicExtensions) };
  };
  return (error, correlationId) => {
    const formatted = format(error, correlationId);
    errorCodes?.record(formatted.extensions?.['code']);
    return formatted;
  };
}
