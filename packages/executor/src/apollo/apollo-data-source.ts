import type { GraphQLFormattedError } from 'graphql';
import {
  createSubgraphOperation,
  type DataSource,
  type SubgraphFetchContext,
} from '../data-sources/data-source.js';
import { parseSubgraphResponse } from '../data-sources/http-data-source.js';
import { isJsonObject } from '../shared/json.js';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import type { Logger } from '../shared/logger.js';
import type { OperationContext } from '../shared/operation-context.js';

/*
 * The types in this folder have the structure of those of @apollo/gateway, so that its classes can be passed in and the
 * executor does not depend on the package.
 */

/** HTTP headers as `Headers` and node-fetch hold them. */
export interface ApolloHeaders extends Iterable<[string, string]> {
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  set(name: string, value: string): void;
  entries(): Iterator<[string, string]>;
  keys(): Iterator<string>;
  values(): Iterator<string>;
}

/** A GraphQL request: of a client, or to a subgraph. */
export interface ApolloGraphQLRequest {
  query?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
  http?: { readonly method: string; readonly url: string; readonly headers: ApolloHeaders };
}

/** The response of a subgraph. */
export interface ApolloGraphQLResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
}

/** What @apollo/gateway calls `incomingRequestContext`: the client's request. */
export interface ApolloIncomingRequest {
  readonly request: ApolloGraphQLRequest;
  /** Apollo Server's `contextValue`. */
  readonly context: object;
}

/** Argument of {@link ApolloDataSource.process}. */
export interface ApolloProcessOptions {
  /** The request to the subgraph. */
  readonly request: ApolloGraphQLRequest;
  /** A value of the enum `GraphQLDataSourceRequestKind`. */
  readonly kind: string;
  readonly context: object;
  /** Present if `kind` is `incoming operation`. */
  readonly incomingRequestContext?: ApolloIncomingRequest;
}

/** A `GraphQLDataSource` of @apollo/gateway, such as a `RemoteGraphQLDataSource`. */
export interface ApolloDataSource {
  process(options: ApolloProcessOptions): Promise<ApolloGraphQLResponse>;
}

/** The context of an operation that Apollo Server has received. */
export interface ApolloOperationContext extends OperationContext {
  readonly apolloRequest: ApolloIncomingRequest;
}

/** The originals of adapted data sources. */
const adaptedDataSources = new WeakMap<DataSource, ApolloDataSource>();

/**
 * Adapts a `GraphQLDataSource` of @apollo/gateway for `createDataSource`. Its `context` is the context of the operation;
 * its request carries the `headers` and `traceHeaders` of that context. A `GraphQLError` that it throws reaches the client
 * with its extensions; any other error is logged and masked.
 */
export function adaptApolloDataSource(apolloDataSource: ApolloDataSource): DataSource {
  const dataSource: DataSource = {
    // Its hooks may read anything of the context, so that only requests of one operation can be equal.
    dependsOnOperationContext: true,
    async fetch({ operation: { query, operationName }, variables, entityCount }, context) {
      const incomingRequestContext = getIncomingRequest(context.operationContext);
      try {
        const { data, errors, extensions } = await apolloDataSource.process({
          kind: 'incoming operation',
          request: {
            query,
            variables: JSON.parse(variables) as Record<string, unknown>,
            ...(operationName !== undefined && { operationName }),
            // A data source sets the URL itself.
            http: { method: 'POST', url: '', headers: collectHeaders(context) },
          },
          context: incomingRequestContext.context,
          incomingRequestContext,
        });
        // The executor changes the response, which the data source may keep. So it gets a copy.
        return parseSubgraphResponse(JSON.stringify({ data, errors, extensions }), entityCount);
      } catch (error) {
        return { data: null, errors: [toFormattedError(error)] };
      }
    },
  };
  adaptedDataSources.set(dataSource, apolloDataSource);
  return dataSource;
}

const getIncomingRequest = (context: OperationContext = {}): ApolloIncomingRequest =>
  'apolloRequest' in context ? (context as ApolloOperationContext).apolloRequest : { request: {}, context };

function collectHeaders({ headers, traceHeaders }: SubgraphFetchContext): Headers {
  return new Headers({ ...headers, ...traceHeaders });
}

/** @throws the error if it is not a `GraphQLError`. It may be one of another copy of graphql. */
function toFormattedError(error: unknown): GraphQLFormattedError {
  const { message, extensions } = error as { message?: unknown; extensions?: unknown };
  if (typeof message !== 'string' || !isJsonObject(extensions)) throw error;
  return { message, extensions };
}

/**
 * Presents a data source as a `GraphQLDataSource` of @apollo/gateway, for a supergraph manager. It sends the headers of the
 * manager's requests. The manager logs failures; their details are logged at level debug. An adapted data source is returned
 * as it was before.
 */
export const toApolloDataSource = (dataSource: DataSource, logger: Logger): ApolloDataSource =>
  adaptedDataSources.get(dataSource) ?? {
    process({ request: { query = '', operationName, variables = {}, http } }) {
      const { signal, abortSignal } = createLightAbortController();
      return dataSource.fetch(
        {
          operation: createSubgraphOperation('query', query, operationName),
          variables: JSON.stringify(variables),
          entityCount: undefined,
        },
        {
          headers: Object.fromEntries(http?.headers ?? []),
          logger: () => ({
            debug: (details, message) => logger.debug(details, message),
            warn: (details, message) => logger.debug(details, message),
            error: (details, message) => logger.error(details, message),
          }),
          signal,
          abortSignal,
        },
      );
    },
  };
