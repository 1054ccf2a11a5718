// Forwards each request to the subgraph of the workload with one fetch. Shows the minimum cost of a Node process.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const { url } = JSON.parse(process.env.SUBGRAPHS).find(({ name }) => name === 'readers');
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections: 64, keepAliveTimeout: 60_000 });

createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { authorization, 'content-length': length } = request.headers;
  const headers = { authorization, 'content-type': 'application/json', 'content-length': length };
  pool
    .stream({ path: pathname, method: 'POST', headers, body: request }, (upstream) => {
      response.writeHead(upstream.statusCode, {
        'content-type': upstream.headers['content-type'],
        'content-length': upstream.headers['content-length'],
      });
      return response;
    })
    .catch(() => response.destroy());
}).listen(Number(process.env.PORT), '127.0.0.1');
