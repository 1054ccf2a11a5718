import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { answerHttpErrors, currentCorrelationId, type Http, type Logger } from '@seguridad-abc/platform';
import express from 'express';
import { crossOrigin } from './cors.js';
import { requestContext, type RequestContext } from './request-context.js';

/** Of queries, mutations, subscriptions and the landing page alike. */
export const GRAPHQL_PATH = '/graphql';

export interface EndpointOptions {
  readonly http: Pick<Http, 'app'>;
  readonly server: ApolloServer<RequestContext>;
  readonly origins: readonly string[];
  /** Of a request's body, in bytes. */
  readonly maxBody: number;
  readonly logger: Logger;
}

/** Serves a started server over HTTP. */
export function serveGraphql({ http, server, origins, maxBody, logger }: EndpointOptions): void {
  http.app.use(
    GRAPHQL_PATH,
    ...crossOrigin(origins),
    express.json({ limit: maxBody }),
    expressMiddleware(server, {
      context: () => Promise.resolve(requestContext(currentCorrelationId() ?? '')),
    }),
  );
  answerHttpErrors(http.app, logger);
}
