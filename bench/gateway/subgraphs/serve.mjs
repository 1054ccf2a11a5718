// All subgraphs in one process, as fast as Node has them: node:http, compiled queries. `PORT` is theirs, each at the path
// of its name; GET /delay?ms=4 lets each answer wait so long from then on.
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { resolvers } from './resolvers.mjs';
import { NAMES, typeDefsOf } from './schemas.mjs';

const MAX_COMPILED = 5_000;

/** @typedef {{ query: string, operationName?: string, variables?: Record<string, unknown> }} Request */

/** @param {string} name */
function createSubgraph(name) {
  const schema = buildSubgraphSchema({ typeDefs: typeDefsOf(name), resolvers: resolvers[name] });
  /** @type {Map<string, import('graphql-jit').CompiledQuery>} */
  const compiled = new Map();
  return (
    /** @type {Request} */ { query, operationName, variables = {} },
    /** @type {string | undefined} */ caller,
  ) => {
    let known = compiled.get(query);
    if (!known) {
      const document = parse(query);
      const errors = validate(schema, document);
      const result = errors.length > 0 ? { errors } : compileQuery(schema, document, operationName);
      if (!isCompiledQuery(result)) return result;
      if (compiled.size >= MAX_COMPILED) compiled.clear();
      compiled.set(query, result);
      known = result;
    }
    return known.query(undefined, { caller }, variables);
  };
}

const subgraphs = new Map(NAMES.map((name) => [`/${name}`, createSubgraph(name)]));
let delayMs = 0;

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname === '/delay') {
    delayMs = Number(searchParams.get('ms'));
    response.end();
    return;
  }
  const answer = subgraphs.get(pathname);
  if (!answer || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
  request.on('end', () => {
    void Promise.resolve(
      answer(JSON.parse(Buffer.concat(chunks).toString()), request.headers.authorization),
    ).then((result) => {
      const body = Buffer.from(JSON.stringify(result));
      const send = () => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
        response.end(body);
      };
      if (delayMs > 0) setTimeout(send, delayMs);
      else send();
    });
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
