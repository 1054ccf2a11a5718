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
import express from 'express';
import { parse, type OperationTypeNode } from 'graphql';
import { CORRELATION_HEADER, runWithCorrelationId } from './correlation.js';
import { createErrorFormatter } from './graphql-errors.js';
import { installHttpErrorHandler, type HttpServer } from './http-server.js';
import { AUTHORIZATION_HEADER } from './identity/caller.js';
import type { IdentityService } from './identity/identity-service.js';
import type { Logger } from './logger.js';

/** The gateway's batches of entities are the largest bodies that a subgraph gets. */
const MAX_BODY = '10mb';

export interface SubgraphServerOptions<Context extends object, Caller> {
  /** The file `schema.graphql`. */
  readonly schemaFile: URL;
  /** Typed by graphql-codegen on the app's side. */
  readonly resolvers: object;
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  /** Finds out who sent the client's request, by what the gateway has passed on. Throws where he may not call. */
  readonly authenticate: (authorization: unknown) => Caller | Promise<Caller>;
  /** Made anew for each request, before anything is executed. */
  readonly createContext: (caller: Caller, headers: IncomingHttpHeaders) => Context | Promise<Context>;
  /** What an executed operation's answer carries beside data and errors. */
  readonly extensions?: (context: Context, operation: OperationTypeNode) => Extensions | Promise<Extensions>;
  readonly http: HttpServer;
  readonly logger: Logger;
}

/** Where a request's caller is kept between two steps of it. */
const CALLER = 'caller';

type Extensions = Readonly<Record<string, unknown>> | undefined;

/**
 * Serves a subgraph on `/graphql` of the given HTTP server, to the gateway alone, which passes on who its client is. Nobody
 * is trusted by his address: the secret of the installation and the client's token are both checked here.
 */
export async function serveSubgraph<Context extends object, Caller>(
  options: SubgraphServerOptions<Context, Caller>,
): Promise<ApolloServer<Context>> {
  const { schemaFile, resolvers, identity, authenticate, createContext, extensions, http, logger } = options;
  const server = new ApolloServer<Context>({
    schema: buildSubgraphSchema({
      typeDefs: parse(readFileSync(schemaFile, 'utf8')),
      resolvers: resolvers as GraphQLResolverMap<unknown>,
    }),
    formatError: createErrorFormatter(logger),
    includeStacktraceInErrorResponses: false,
    logger,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: http.server }),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ...(extensions ? [addExtensions(extensions)] : []),
    ],
  });
  await server.start();
  http.app.use(
    '/graphql',
    // Resolvers and what they call log it with all they write.
    ({ headers }, _response, next) => runWithCorrelationId(String(headers[CORRELATION_HEADER]), next),
    // Before the body is read: nobody else makes this process hold one.
    async ({ headers }, { locals }, next) => {
      identity.assertFromInstallation(headers);
      locals[CALLER] = await authenticate(headers[AUTHORIZATION_HEADER]);
      next();
    },
    express.json({ limit: MAX_BODY }),
    expressMiddleware(server, {
      context: async ({ req: { headers }, res: { locals } }) =>
        createContext(locals[CALLER] as Caller, headers),
    }),
  );
  installHttpErrorHandler(http.app, logger);
  return server;
}

const addExtensions = <Context extends object>(
  extensionsOf: NonNullable<SubgraphServerOptions<Context, unknown>['extensions']>,
): ApolloServerPlugin<Context> => ({
  requestDidStart: () =>
    Promise.resolve({
      async willSendResponse({ contextValue, operation, response: { body } }) {
        if (!operation || body.kind !== 'single') return;
        const extensions = await extensionsOf(contextValue, operation.operation);
        if (extensions) body.singleResult.extensions = { ...body.singleResult.extensions, ...extensions };
      },
    }),
});
