// Serves all subgraphs in one process, each at the path of its name. Uses node:http and compiled queries to be fast.
// GET /delay?ms=4 delays every later response.
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { resolvers } from './resolvers.mjs';
import { readTypeDefs, SUBGRAPH_NAMES } from './compose.mjs';

const MAX_COMPILED_QUERIES = 5_000;

/** @typedef {{ query: string, operationName?: string, variables?: Record<string, unknown> }} SubgraphRequest */

/** @param {string} name */
function createSubgraph(name) {
  const schema = buildSubgraphSchema({ typeDefs: readTypeDefs(name), resolvers: resolvers[name] });
  /** @type {Map<string, import('graphql-jit').CompiledQuery>} */
  const compiledQueries = new Map();
  return (
    /** @type {SubgraphRequest} */ { query, operationName, variables = {} },
    /** @type {string | undefined} */ caller,
  ) => {
    let compiled = compiledQueries.get(query);
    if (!compiled) {
      const document = parse(query);
      const errors = validate(schema, document);
      const result = errors.length > 0 ? { errors } : compileQuery(schema, document, operationName);
      if (!isCompiledQuery(result)) return result;
      if (compiledQueries.size >= MAX_COMPILED_QUERIES) compiledQueries.clear();
      compiledQueries.set(query, result);
      compiled = result;
    }
    return compiled.query(undefined, { caller }, variables);
  };
}

const subgraphs = new Map(SUBGRAPH_NAMES.map((name) => [`/${name}`, createSubgraph(name)]));
let delayMs = 0;

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname === '/delay') {
    delayMs = Number(searchParams.get('ms'));
    response.end();
    return;
  }
  const execute = subgraphs.get(pathname);
  if (!execute || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
  request.on('end', () => {
    void Promise.resolve(
      execute(JSON.parse(Buffer.concat(chunks).toString()), request.headers.authorization),
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
