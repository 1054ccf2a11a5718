import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const PAGE = new URL('page.html', import.meta.url);
const MODULES = new URL('../../../node_modules/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};

/** Serves the page and the modules of its clients from one port, which is its origin. */
export async function servePage(port: number): Promise<{ close(): void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const file = pathname.startsWith('/modules/')
      ? new URL(pathname.slice('/modules/'.length), MODULES)
      : PAGE;
    readFile(file).then(
      (content) => {
        response.setHeader('content-type', TYPES[extname(file.pathname)] ?? 'text/plain');
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
