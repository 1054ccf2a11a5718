import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  AUTHORIZATION_HEADER,
  isLoopbackHost,
  isLoopbackHostHeader,
  issueEmbeddedToken,
  type HttpServer,
} from '@seguridad-abc/platform';
import express, { type Request } from 'express';
import type { GraphQLSchema } from 'graphql';
import { renderGraphiqlPage, selectSampleTabs } from './graphiql-page.js';
import { GRAPHQL_PATH } from './graphql-endpoint.js';

const GRAPHIQL_PATH = '/graphiql';
const PAGE_SCRIPT = fileURLToPath(new URL('../../graphiql/page.mjs', import.meta.url));
const ASSETS_WORKER = new URL('../../graphiql/assets-worker.mjs', import.meta.url);
const GRAPHQL_WS_FOLDER = dirname(createRequire(import.meta.url).resolve('graphql-ws/client'));
const DEVELOPER_TOKEN_LIFETIME_MS = 12 * 3_600_000; // 12 hours

/** Everything comes from this server. The editor adds style elements, and its icons are data URLs. */
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

export interface GraphiqlRoutesOptions {
  readonly http: Pick<HttpServer, 'app'>;
  /** The API schema. Sample operations that are not valid in it are left out. */
  readonly schema: GraphQLSchema;
  /**
   * Creates the initial content of the headers editor, for requests from this machine only. GraphiQL sends these
   * headers with HTTP requests and in the payload of `connection_init`.
   */
  readonly createPresetHeaders: () => Promise<Readonly<Record<string, string>>>;
}

/** Serves GraphiQL with all its assets at `/graphiql`, for development. */
export function serveGraphiql({ http, schema, createPresetHeaders }: GraphiqlRoutesOptions): void {
  const defaultTabs = selectSampleTabs(schema);
  let assets: ReturnType<typeof loadAssets> | undefined;

  http.app.get(GRAPHIQL_PATH, async (request, response) => {
    response.set({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      // The preset headers may contain a token.
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    const headers = isLocalRequest(request) ? await createPresetHeaders() : {};
    response.type('html').send(renderGraphiqlPage({ endpoint: GRAPHQL_PATH, headers, defaultTabs }));
  });
  http.app.use(`${GRAPHIQL_PATH}/page.mjs`, express.static(PAGE_SCRIPT));
  http.app.use(`${GRAPHIQL_PATH}/graphql-ws`, express.static(GRAPHQL_WS_FOLDER));
  http.app.get(`${GRAPHIQL_PATH}/:name`, async ({ params }, response, next) => {
    assets ??= loadAssets();
    const asset = (await assets).get(params.name);
    if (!asset) {
      next();
      return;
    }
    // Every browser that runs GraphiQL supports gzip.
    response.set({
      'content-type': asset.type,
      'content-encoding': 'gzip',
      'cache-control': 'no-cache',
      etag: asset.etag,
    });
    response.send(asset.gzip);
  });
}

/**
 * Whether a request comes from this machine and is addressed to it. A forwarded request is not local. The check of the
 * `Host` header stops DNS rebinding: a foreign page whose host name resolves to this machine.
 */
function isLocalRequest({ headers, socket }: Pick<Request, 'headers' | 'socket'>): boolean {
  const { host, forwarded, 'x-forwarded-for': forwardedFor } = headers;
  if (forwarded !== undefined || forwardedFor !== undefined) return false;
  return isLoopbackHost(socket.remoteAddress ?? '') && isLoopbackHostHeader(host);
}

interface GraphiqlAsset {
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly gzip: Buffer;
}

/** Loads GraphiQL's scripts and styles by name. It takes about a second, in a worker thread. */
async function loadAssets(): Promise<ReadonlyMap<string, GraphiqlAsset>> {
  const [assets] = (await once(new Worker(ASSETS_WORKER), 'message')) as [GraphiqlAsset[]];
  // A buffer from another thread arrives as a Uint8Array.
  return new Map(assets.map((asset) => [asset.name, { ...asset, gzip: Buffer.from(asset.gzip) }]));
}

/**
 * Creates the headers that make a developer on this machine an operator: a token of the embedded issuer, valid for 12
 * hours. Empty if no token is needed, or another issuer issues the tokens.
 */
export async function createOperatorTokenHeaders(settings: {
  readonly AUTH: 'required' | 'off';
  readonly AUTH_JWKS_URL?: string | undefined;
  readonly DATA_DIR: string;
}): Promise<Readonly<Record<string, string>>> {
  const { AUTH, AUTH_JWKS_URL, DATA_DIR } = settings;
  if (AUTH === 'off' || AUTH_JWKS_URL !== undefined) return {};
  const operator = { id: 'operator', role: 'operator' } as const;
  const token = await issueEmbeddedToken(DATA_DIR, operator, DEVELOPER_TOKEN_LIFETIME_MS);
  return { [AUTHORIZATION_HEADER]: `Bearer ${token}` };
}
