// One instance of a subgraph, in a process that tests can kill and suspend: node instance-process.mjs FILE [PORT]. It answers each
// request after a short time with its process id, appends the variable `id` of each mutation to FILE when it arrives, and prints its port.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , file = '', port = '0'] = process.argv;
const RESPONSE_DELAY_MS = 5;

const server = createServer((request, response) => {
  if (request.url === '/ready') {
    response.end('{"ready":true}');
    return;
  }
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    /** @type {unknown} */
    const parsed = JSON.parse(body);
    const { query, variables } = /** @type {{ query: string, variables: { id?: string } }} */ (parsed);
    if (query.startsWith('mutation')) appendFileSync(file, `${String(variables.id)}\n`);
    setTimeout(() => response.end(JSON.stringify({ data: { pid: process.pid } })), RESPONSE_DELAY_MS);
  });
});
server.listen(Number(port), '127.0.0.1', () => {
  const { port: usedPort } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`${String(usedPort)}\n`);
});
