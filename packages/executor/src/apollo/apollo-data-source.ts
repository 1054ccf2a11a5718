import { GraphQLError, parse, type DocumentNode, type GraphQLFormattedError } from 'graphql';
import {
  createFetchFailureError,
  createSubgraphOperation,
  type DataSource,
  type FetchFailure,
  type SubgraphError,
  type SubgraphFetchContext,
  type SubgraphOperation,
  type SubgraphResponse,
} from '../data-sources/data-source.js';
import { parseSubgraphResponse } from '../data-sources/subgraph-response.js';
import { isJsonObject } from '../shared/json.js';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import { selectLogger, toStructuredLogger, type Logger } from '../shared/logger.js';
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
  /** The parsed `query`; present if `kind` is `incoming operation`. */
  readonly document?: DocumentNode;
  /** Where the data belongs in the response of the client; present if `kind` is `incoming operation`. */
  readonly pathInIncomingRequest?: (string | number)[];
}

/** A `GraphQLDataSource` of @apollo/gateway, such as a `RemoteGraphQLDataSource`. */
export interface ApolloDataSource {
  process(options: ApolloProcessOptions): Promise<ApolloGraphQLResponse>;
}

/** The context of an operation that Apollo Server has received. */
export interface ApolloOperationContext extends OperationContext {
  readonly apolloRequest: ApolloIncomingRequest;
}

/** Options of {@link adaptApolloDataSource}. */
export interface AdaptApolloDataSourceOptions {
  /** Name of the subgraph in messages. */
  readonly name?: string;
  /**
   * Time limit of a request in milliseconds; then its error has the code SUBGRAPH_TIMEOUT. The data source is not aborted,
   * because it has no way to be; its late response is ignored.
   * @default 10_000
   */
  readonly timeoutMs?: number;
  /**
   * Receives the details of errors that clients must not see, unless the operation's context has a logger.
   * @default console
   */
  readonly logger?: Logger;
}

/** The adapted data sources as a supergraph manager uses them. */
const adaptedDataSources = new WeakMap<DataSource, ApolloDataSource>();

/**
 * Adapts a `GraphQLDataSource` of @apollo/gateway for `createDataSource`. Its `context` is the context of the operation;
 * its request carries the `headers` and `traceHeaders` of that context. A `GraphQLError` that it throws reaches the client
 * with its extensions, except `http`, and the URL and the body in `response`, which are logged. Any other error is logged and
 * masked. In each case `formatError` receives an error whose `originalError` is the thrown one.
 */
export function adaptApolloDataSource(
  apolloDataSource: ApolloDataSource,
  { name, timeoutMs = 10_000, logger: ownLogger = console }: AdaptApolloDataSourceOptions = {},
): DataSource {
  const logger = toStructuredLogger(ownLogger);
  /** @throws GraphQLError (as a rejection) if the time limit passes or the signal aborts; also what `process` throws */
  const processInTime = (options: ApolloProcessOptions, context: Partial<SubgraphFetchContext> = {}) =>
    new Promise<ApolloGraphQLResponse>((resolve, reject) => {
      const { signal } = context;
      const stopWaiting = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      const fail = (failure: FetchFailure) => {
        stopWaiting();
        const { message, ...options } = createFetchFailureError(name, failure);
        reject(new GraphQLError(message, options));
      };
      const cancel = () => fail({ kind: 'cancelled' });
      const timer = setTimeout(() => {
        const details = { service: name, kind: 'timeout', afterMs: timeoutMs };
        selectLogger(context, logger).warn(details, 'no valid response from a subgraph');
        fail({ kind: 'timeout', afterMs: timeoutMs });
      }, timeoutMs);
      if (signal?.aborted === true) {
        cancel();
        return;
      }
      signal?.addEventListener('abort', cancel);
      const process = async () => apolloDataSource.process(options);
      process().finally(stopWaiting).then(resolve, reject);
    });

  const dataSource: DataSource = {
    // Its hooks may read anything of the context, so that only requests of one operation can be equal.
    dependsOnOperationContext: true,
    async fetch({ operation, variables, entityCount }, context) {
      const { query, operationName, path } = operation;
      const incomingRequestContext = getIncomingRequest(context.operationContext);
      const options: ApolloProcessOptions = {
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
        get document() {
          return parseSubgraphOperation(operation);
        },
        pathInIncomingRequest: [...path],
      };
      let response: unknown;
      try {
        response = await processInTime(options, context);
      } catch (error) {
        const logDetails = (details: object) =>
          selectLogger(context, logger).warn(
            { service: name, ...details },
            'a subgraph responded with an HTTP error',
          );
        return { data: null, errors: [toSubgraphError(error, logDetails)] };
      }
      try {
        return copyResponse(response, entityCount);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const failure = { kind: 'invalid-response', reason } as const;
        selectLogger(context, logger).warn(
          { service: name, ...failure },
          'no valid response from a subgraph',
        );
        return { data: null, errors: [createFetchFailureError(name, failure)] };
      }
    },
  };
  adaptedDataSources.set(dataSource, { process: (options) => processInTime(options) });
  return dataSource;
}

const getIncomingRequest = (context: OperationContext = {}): ApolloIncomingRequest =>
  'apolloRequest' in context ? (context as ApolloOperationContext).apolloRequest : { request: {}, context };

/** Each operation is parsed once, and only for data sources that read `document`. */
const parsedOperations = new WeakMap<SubgraphOperation, DocumentNode>();

function parseSubgraphOperation(operation: SubgraphOperation): DocumentNode {
  const document = parsedOperations.get(operation) ?? parse(operation.query);
  parsedOperations.set(operation, document);
  return document;
}

function collectHeaders({ headers, traceHeaders }: SubgraphFetchContext): Headers {
  return new Headers({ ...headers, ...traceHeaders });
}

/**
 * @param logDetails receives what clients must not see
 * @throws the error if it is not a `GraphQLError`. It may be one of another copy of graphql.
 */
function toSubgraphError(error: unknown, logDetails: (details: object) => void): SubgraphError {
  if (!isJsonObject(error)) {
    throw new Error('A data source threw a value that is not an Error. Throw an Error.', { cause: error });
  }
  const { message, extensions } = error;
  if (typeof message !== 'string' || !isJsonObject(extensions)) throw error as unknown as Error;
  const originalError = error instanceof Error ? error : undefined;
  const { response } = extensions;
  if (!isJsonObject(response)) return { message, extensions, originalError };
  // A RemoteGraphQLDataSource describes the HTTP response. Its URL is internal, and its body may come from a proxy.
  const { url, body, ...visibleResponse } = response;
  logDetails({ ...visibleResponse, url, body });
  return { message, extensions: { ...extensions, response: visibleResponse }, originalError };
}

/**
 * Copies the response of a data source, which may keep it, because the executor changes responses.
 * @throws Error that says what is wrong with the response
 */
function copyResponse(response: unknown, entityCount: number | undefined): SubgraphResponse {
  if (!isJsonObject(response)) throw new Error('The response is not an object.');
  const { data, errors, extensions } = response;
  const copy = parseSubgraphResponse(JSON.stringify({ data, errors, extensions }), entityCount);
  if (!copy.errors || !Array.isArray(errors)) return copy;
  // A `LocalGraphQLDataSource` returns the errors that its resolvers threw.
  const copyError = (error: SubgraphError, index: number): SubgraphError => {
    const originalError: unknown = errors[index];
    return originalError instanceof Error ? { ...error, originalError } : error;
  };
  return { ...copy, errors: copy.errors.map(copyError) };
}

/**
 * Presents a data source as a `GraphQLDataSource` of @apollo/gateway, for a supergraph manager. It sends the headers of the
 * manager's requests. Its errors say why a request failed, because the manager logs them and clients do not see them. An
 * adapted data source receives the requests unchanged and keeps its time limit.
 */
export const toApolloDataSource = (dataSource: DataSource): ApolloDataSource =>
  adaptedDataSources.get(dataSource) ?? {
    async process({ request: { query = '', operationName, variables = {}, http } }) {
      const { signal, abortSignal } = createLightAbortController();
      const { data, errors, extensions, errorStatus } = await dataSource.fetch(
        {
          operation: createSubgraphOperation('query', query, operationName),
          variables: JSON.stringify(variables),
          entityCount: undefined,
        },
        {
          headers: Object.fromEntries(http?.headers ?? []),
          logger: () => ignoringLogger,
          signal,
          abortSignal,
        },
      );
      return {
        ...(data !== undefined && { data }),
        ...(errors && { errors: errors.map((error) => addReason(error, errorStatus)) }),
        ...(extensions && { extensions }),
      };
    },
  };

/** The manager logs the reasons, as often as it wants. */
const ignoringLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Adds to a message what the operator needs to know. */
function addReason(error: SubgraphError, errorStatus: number | undefined): GraphQLFormattedError {
  const { originalError } = error;
  const message = errorStatus === undefined ? error.message : `${error.message} (HTTP status ${errorStatus})`;
  return { ...error, message: originalError ? `${message} Reason: ${getReason(originalError)}` : message };
}

/** The error of a connection that was tried over several addresses has a code and no message. */
const getReason = ({ message, code, cause }: Error & { readonly code?: unknown }): string => {
  const reason = message || String(code);
  return cause instanceof Error ? `${reason} (${getReason(cause)})` : reason;
};
