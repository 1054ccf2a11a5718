import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { HttpServer } from '@seguridad-abc/platform';
import express, { type Request } from 'express';
import type { GraphQLSchema } from 'graphql';
import { renderGraphiqlPage, selectSampleTabs, type GraphiqlAccess } from './graphiql-page.js';
import { GRAPHQL_PATH } from './graphql-endpoint.js';
import { PAGE_ASSET_COST, PAGE_COST, type RouteCharges } from '../requests/route-charges.js';
import { createPageHeaders } from './page-headers.js';

const GRAPHIQL_PATH = '/graphiql';
const PAGE_SCRIPT = fileURLToPath(new URL('../../graphiql/page.mjs', import.meta.url));
const ASSETS_WORKER = new URL('../../graphiql/assets-worker.mjs', import.meta.url);
const GRAPHQL_WS_FOLDER = dirname(createRequire(import.meta.url).resolve('graphql-ws/client'));

/** Everything comes from this server. The editor adds style elements, and its icons are data URLs. */
const PAGE_HEADERS = createPageHeaders([
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
]);

export interface GraphiqlRoutesOptions {
  readonly http: Pick<HttpServer, 'app'>;
  readonly charges: Pick<RouteCharges, 'ofAddress'>;
  /** The API schema. Sample operations that are not valid in it are left out. */
  readonly schema: GraphQLSchema;
  /** How the operations of the page are authorized. */
  readonly access: GraphiqlAccess;
}

/** Serves GraphiQL with all its assets at `/graphiql`, for development. */
export function serveGraphiql({ http, charges, schema, access }: GraphiqlRoutesOptions): void {
  const page = renderGraphiqlPage({ endpoint: GRAPHQL_PATH, access, defaultTabs: selectSampleTabs(schema) });
  let assets: ReturnType<typeof loadAssets> | undefined;

  const chargeAsset = charges.ofAddress(PAGE_ASSET_COST);
  http.app.get(GRAPHIQL_PATH, charges.ofAddress(PAGE_COST), (_request, response) => {
    response.set(PAGE_HEADERS).type('html').send(page);
  });
  http.app.use(`${GRAPHIQL_PATH}/page.mjs`, chargeAsset, express.static(PAGE_SCRIPT));
  http.app.use(`${GRAPHIQL_PATH}/graphql-ws`, chargeAsset, express.static(GRAPHQL_WS_FOLDER));
  http.app.get(
    `${GRAPHIQL_PATH}/:name`,
    chargeAsset,
    async ({ params }: Request<{ name: string }>, response, next) => {
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
    },
  );
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
