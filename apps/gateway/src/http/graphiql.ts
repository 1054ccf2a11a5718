import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpServer } from '@seguridad-abc/platform';
import express from 'express';
import type { GraphQLSchema } from 'graphql';
import { GRAPHQL_PATH } from './graphql-endpoint.js';
import { unpackGraphiql } from './graphiql-files.js';
import { isLocal } from './is-local.js';
import { graphiqlPage } from './graphiql-page.js';
import { openTabs } from './graphiql-tabs.js';

const PATH = '/graphiql';
const SCRIPT = fileURLToPath(new URL('../../graphiql/page.mjs', import.meta.url));
const GRAPHQL_WS = dirname(createRequire(import.meta.url).resolve('graphql-ws/client'));

/** Everything is this server's own. The editor makes style elements as it goes, and reads its icons from data URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface GraphiqlOptions {
  readonly http: Pick<HttpServer, 'app'>;
  /** The API schema: of the sample operations, those that do not fit it are left out. */
  readonly schema: GraphQLSchema;
  /**
   * What the headers editor holds at first, for whoever opens the page on this machine; it goes with HTTP requests and
   * into a WebSocket's `connection_init`.
   */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
}

/** Serves GraphiQL, with all that it needs, to people who develop against this gateway. */
export function serveGraphiql({ http, schema, headers }: GraphiqlOptions): void {
  const defaultTabs = openTabs(schema);
  let files: ReturnType<typeof unpackGraphiql> | undefined;

  http.app.get(PATH, async (request, response) => {
    response.set({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      // The headers may hold a token.
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    const preset = isLocal(request) ? await headers() : {};
    response.type('html').send(graphiqlPage({ endpoint: GRAPHQL_PATH, headers: preset, defaultTabs }));
  });
  http.app.use(`${PATH}/page.mjs`, express.static(SCRIPT));
  http.app.use(`${PATH}/graphql-ws`, express.static(GRAPHQL_WS));
  http.app.get(`${PATH}/:name`, async ({ params }, response, next) => {
    files ??= unpackGraphiql();
    const file = (await files).get(params.name);
    if (!file) {
      next();
      return;
    }
    // No browser that could run the page does without gzip.
    response.set({
      'content-type': file.type,
      'content-encoding': 'gzip',
      'cache-control': 'no-cache',
      etag: file.etag,
    });
    response.send(file.gzip);
  });
}
