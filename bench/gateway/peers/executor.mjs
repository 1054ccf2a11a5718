// packages/executor behind node:http without further features. Shows which part of our gateway's cost is the executor's.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createDataSource, createExecutor } from '../../../packages/executor/dist/index.js';

const logger = { debug: () => undefined, info: () => undefined, warn: console.warn, error: console.error };
const executor = createExecutor({
  supergraphSdl: readFileSync(process.env.SUPERGRAPH, 'utf8'),
  createDataSource: ({ name, url }) => createDataSource({ name, url, logger }),
  logger,
});

async function execute(body, headers) {
  const planned = executor.prepare(JSON.parse(body));
  const prepared = planned instanceof Promise ? await planned : planned;
  if ('errors' in prepared) return { errors: prepared.errors };
  return executor.execute(prepared, { headers: () => headers });
}

createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { authorization } = request.headers;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const responseBody = Buffer.from(
      JSON.stringify(await execute(Buffer.concat(chunks).toString(), { authorization })),
    );
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': responseBody.length });
    response.end(responseBody);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
