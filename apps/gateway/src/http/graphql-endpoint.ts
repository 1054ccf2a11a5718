import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { answerHttpErrors, currentCorrelationId, type Http, type Logger } from '@seguridad-abc/platform';
import express from 'express';
import { credentialsIn, identifyRequest } from '../identity/identify-request.js';
import type { Identify } from '../identity/identify.js';
import type { Openness } from '../identity/public-fields.js';
import { crossOrigin } from './cors.js';
import type { NewRequestContext, RequestContext } from './request-context.js';

/** Of queries, mutations, subscriptions and the landing page alike. */
export const GRAPHQL_PATH = '/graphql';

export interface EndpointOptions {
  readonly http: Pick<Http, 'app'>;
  readonly server: ApolloServer<RequestContext>;
  readonly identify: Identify;
  readonly open: Openness;
  readonly newContext: NewRequestContext;
  readonly origins: readonly string[];
  /** Of a request's body, in bytes. */
  readonly maxBody: number;
  readonly logger: Logger;
}

/** Serves a started server over HTTP. */
export function serveGraphql(options: EndpointOptions): void {
  const { http, server, identify, open, newContext, origins, maxBody, logger } = options;
  http.app.use(
    GRAPHQL_PATH,
    ...crossOrigin(origins),
    identifyRequest(identify, open),
    express.json({ limit: maxBody }),
    expressMiddleware(server, {
      context({ res }) {
        const credentials = credentialsIn(res);
        const correlationId = currentCorrelationId() ?? '';
        return Promise.resolve(newContext({ correlationId, credentials: () => credentials }));
      },
    }),
  );
  answerHttpErrors(http.app, logger);
}
