import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type RequestHandler } from 'express';
import {
  graphql,
  GraphQLError,
  GraphQLScalarType,
  Kind,
  parse,
  type OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { createGraphQLErrorFormatter } from './graphql-error-formatter.js';
import { installHttpErrorHandler, type HttpServer } from './http-server.js';
import { AUTHORIZATION_HEADER, hasAuthorization, type IdentityService } from './identity-service.js';
import type { Logger } from './logger.js';
import { createRequestLifetime, type RequestLifetime } from './request-lifetime.js';
import { activeSpanStorage, getTracedErrorType, getTraceHeaders, type Tracing } from './tracing.js';

/** The gateway's batches of representations are the largest request bodies of a subgraph. */
const MAX_BODY_SIZE = '10mb';

export interface SubgraphServerOptions<Context extends object, Caller> {
  /** The app's `schema.graphql`. */
  readonly schemaFile: URL;
  /** The app types its resolvers with graphql-codegen. */
  readonly resolvers: object;
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  /** Authenticates the client by the `Authorization` header that the gateway forwards. Throws to reject the request. */
  readonly authenticate: (authorization: unknown, headers: IncomingHttpHeaders) => Caller | Promise<Caller>;
  /** Called once per request, before execution. */
  readonly createContext: (
    caller: Caller,
    headers: IncomingHttpHeaders,
    lifetime: RequestLifetime,
  ) => Context | Promise<Context>;
  /** Returns the `extensions` of a response. */
  readonly extensions?: (
    context: Context,
    operation: OperationTypeNode,
  ) => ResponseExtensions | Promise<ResponseExtensions>;
  readonly http: HttpServer;
  /** Undefined: tracing is off. */
  readonly tracing?: Tracing | undefined;
  readonly logger: Logger;
}

type ResponseExtensions = Readonly<Record<string, unknown>> | undefined;

/** Name of the caller in Express's `response.locals`. */
const CALLER = 'caller';
/** Name of the request's lifetime there. */
const LIFETIME = 'lifetime';

/**
 * Serves a subgraph on `/graphql`, for the gateway only. Each request must carry the installation secret and the token
 * of the gateway's client; this process verifies both. The network address of the sender is never trusted. The query of
 * the subgraph's schema (`_service`), with which the gateway composes its supergraph, needs no token.
 * @returns the started server; its `stop` drains the HTTP server
 */
export async function serveSubgraph<Context extends object, Caller>(
  options: SubgraphServerOptions<Context, Caller>,
): Promise<ApolloServer<Context>> {
  const { schemaFile, resolvers, identity, authenticate, createContext, extensions, http, tracing, logger } =
    options;
  const schema = buildSubgraphSchema({
    typeDefs: parse(readFileSync(schemaFile, 'utf8')),
    resolvers: resolvers as GraphQLResolverMap<unknown>,
  });
  const server = new ApolloServer<Context>({
    schema,
    formatError: createGraphQLErrorFormatter(logger),
    includeStacktraceInErrorResponses: false,
    logger,
    // The service decides: it lets its clients leave before their connections are closed.
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: http.server }),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ...(extensions ? [createExtensionsPlugin(extensions, logger)] : []),
      ...(tracing ? [createSpanPlugin<Context>()] : []),
    ],
  });
  await server.start();
  http.app.use(
    '/graphql',
    // Before the body is parsed: only processes of this installation may use memory for a body.
    ({ headers }, _response, next) => {
      identity.assertFromInstallation(headers);
      next();
    },
    express.json({ limit: MAX_BODY_SIZE }),
    ...(tracing ? [createSpanMiddleware(tracing)] : []),
    async ({ headers, body }, response, next) => {
      const authorization = headers[AUTHORIZATION_HEADER];
      if (!hasAuthorization(authorization) && isSchemaRequest(body)) {
        response.json(await graphql({ schema, source: body.query }));
        return;
      }
      response.locals[LIFETIME] = createRequestLifetime(headers, response);
      response.locals[CALLER] = await authenticate(authorization, headers);
      next();
    },
    expressMiddleware(server, {
      context: async ({ req: { headers }, res }) =>
        createContext(res.locals[CALLER] as Caller, headers, res.locals[LIFETIME] as RequestLifetime),
    }),
  );
  installHttpErrorHandler(http.app, logger);
  return server;
}

/** Longer than the query of any gateway for the schema, and short enough to be parsed for every request. */
const MAX_SCHEMA_QUERY_LENGTH = 200;

/** Whether a request body queries `_service { sdl }` and nothing else. */
function isSchemaRequest(body: unknown): body is { query: string } {
  const { query } = (body ?? {}) as { query?: unknown };
  if (typeof query !== 'string' || query.length > MAX_SCHEMA_QUERY_LENGTH || !query.includes('_service')) {
    return false;
  }
  try {
    const { definitions } = parse(query);
    const [operation] = definitions;
    return (
      definitions.length === 1 &&
      operation?.kind === Kind.OPERATION_DEFINITION &&
      selectsOnly(operation.selectionSet, '_service') &&
      operation.selectionSet.selections.every(
        (field) => 'selectionSet' in field && selectsOnly(field.selectionSet, 'sdl'),
      )
    );
  } catch {
    // Apollo Server reports the syntax error to a caller with a token.
    return false;
  }
}

const selectsOnly = (selectionSet: SelectionSetNode | undefined, fieldName: string): boolean =>
  selectionSet?.selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value === fieldName,
  ) ?? false;

/** Handles each request in a server span, whose parent is the gateway's fetch. */
const createSpanMiddleware =
  (tracing: Tracing): RequestHandler =>
  ({ headers, method }, response, next) => {
    const span = tracing.startSpan(`${method} /graphql`, {
      kind: 'server',
      parent: getTraceHeaders(headers),
      attributes: { 'http.request.method': method, 'http.route': '/graphql', 'url.path': '/graphql' },
    });
    response.once('close', () => {
      const { statusCode } = response;
      span.setAttributes({ 'http.response.status_code': statusCode });
      if (statusCode >= 500) span.fail(String(statusCode));
      span.end();
    });
    activeSpanStorage.run(span, next);
  };

/** Names the span of a request by its operation, after the semantic conventions of OpenTelemetry for GraphQL. */
const createSpanPlugin = <Context extends object>(): ApolloServerPlugin<Context> => ({
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation({ operation, operationName }) {
        const span = activeSpanStorage.getStore();
        if (operation) {
          span?.rename(operation.operation);
          span?.setAttributes({
            'graphql.operation.type': operation.operation,
            'graphql.operation.name': operationName ?? undefined,
          });
        }
        return Promise.resolve();
      },
      didEncounterErrors({ errors }) {
        activeSpanStorage.getStore()?.fail(getTracedErrorType(errors[0]));
        return Promise.resolve();
      },
    }),
});

const createExtensionsPlugin = <Context extends object>(
  getExtensions: NonNullable<SubgraphServerOptions<Context, unknown>['extensions']>,
  logger: Logger,
): ApolloServerPlugin<Context> => ({
  requestDidStart: () =>
    Promise.resolve({
      async willSendResponse({ contextValue, operation, response: { body } }) {
        if (!operation || body.kind !== 'single') return;
        let extensions: ResponseExtensions;
        try {
          extensions = await getExtensions(contextValue, operation.operation);
        } catch (error) {
          // The operation has run. Its response must not be lost because the storage fails afterwards.
          logger.error({ err: error }, 'the extensions of a response could not be created');
        }
        if (extensions) body.singleResult.extensions = { ...body.singleResult.extensions, ...extensions };
      },
    }),
});

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
