import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { parse } from 'graphql';
import { errorFormatter } from './graphql-errors.js';
import { answerHttpErrors, type Http } from './http.js';
import type { Logger } from './logger.js';

/** The gateway's batches of entities are the largest bodies that a subgraph gets. */
const MAX_BODY = '10mb';

export interface SubgraphOptions<Context extends object> {
  /** The file `schema.graphql`. */
  readonly schemaFile: URL;
  /** Typed by graphql-codegen on the app's side. */
  readonly resolvers: object;
  /** Made anew for each request. */
  readonly createContext: () => Context;
  readonly http: Http;
  readonly logger: Logger;
}

/**
 * Serves a subgraph on `/graphql` of the given HTTP server. It has no page of its own: people use the gateway's.
 */
export async function serveSubgraph<Context extends object>(
  options: SubgraphOptions<Context>,
): Promise<ApolloServer<Context>> {
  const { schemaFile, resolvers, createContext, http, logger } = options;
  const server = new ApolloServer<Context>({
    schema: buildSubgraphSchema({
      typeDefs: parse(readFileSync(schemaFile, 'utf8')),
      resolvers: resolvers as GraphQLResolverMap<unknown>,
    }),
    formatError: errorFormatter(logger),
    includeStacktraceInErrorResponses: false,
    logger,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: http.server }),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
    ],
  });
  await server.start();
  http.app.use(
    '/graphql',
    express.json({ limit: MAX_BODY }),
    expressMiddleware(server, { context: () => Promise.resolve(createContext()) }),
  );
  answerHttpErrors(http.app, logger);
  return server;
}
