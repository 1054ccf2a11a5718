// Runs in a worker thread: the module contains 9 MB of text, and loading it would block the gateway's event loop for half a
// second. Posts one message: the list of assets, compressed.
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import {
  css,
  editorWorkerService,
  graphqlWorker,
  js,
  jsonWorker,
} from '@graphql-yoga/render-graphiql/graphiql';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** @type {readonly (readonly [name: string, type: string, text: string])[]} */
const ASSETS = [
  ['graphiql.js', JAVASCRIPT, js],
  ['graphiql.css', 'text/css; charset=utf-8', css],
  ['editorWorkerService.js', JAVASCRIPT, editorWorkerService],
  ['graphql.js', JAVASCRIPT, graphqlWorker],
  ['json.js', JAVASCRIPT, jsonWorker],
];

parentPort?.postMessage(
  ASSETS.map(([name, type, text]) => ({
    name,
    type,
    etag: `"${createHash('sha256').update(text).digest('base64url')}"`,
    gzip: gzipSync(text),
  })),
);
