import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { restartRequestSchema, type RestartProgress } from '../../shared/control-messages.js';
import { getErrorMessage, isUserFacingError } from '../../shared/errors.js';
import type { ServiceRestarter } from '../supervise/restart-services.js';

/** How commands reach the start that runs the services. */
export interface ControlAddress {
  readonly port: number;
  /** Who knows it may control the start. It is in the data folder, which only its owner can read. */
  readonly key: string;
}

export interface ControlServer {
  readonly address: ControlAddress;
  close(): void;
}

const KEY_BYTES = 32;
const MAX_BODY_BYTES = 10_000;

/** Starts a server on loopback with which `npm run restart` controls the services. */
export async function startControlServer(restarter: ServiceRestarter): Promise<ControlServer> {
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const expected = Buffer.from(`Bearer ${key}`);
  const isAuthorized = ({ headers }: IncomingMessage): boolean => {
    const received = Buffer.from(headers.authorization ?? '');
    return received.length === expected.length && timingSafeEqual(received, expected);
  };
  const server = createServer((request, response) => {
    if (!isAuthorized(request)) response.writeHead(401).end();
    else if (request.method !== 'POST' || request.url !== '/restart') response.writeHead(404).end();
    else void serveRestart(request, response, restarter);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    address: { port, key },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serveRestart(
  request: IncomingMessage,
  response: ServerResponse,
  restarter: ServiceRestarter,
): Promise<void> {
  const write = (progress: RestartProgress) => response.write(`${JSON.stringify(progress)}\n`);
  try {
    const { services } = restartRequestSchema.parse(JSON.parse(await readBody(request)));
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    await restarter.restart(services, (text) => write({ text }));
    write({ outcome: 'done' });
  } catch (error) {
    const message = isUserFacingError(error)
      ? error.message
      : `The restart failed: ${getErrorMessage(error)}`;
    write({ outcome: 'failed', message });
  }
  response.end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body += chunk.toString();
    if (body.length > MAX_BODY_BYTES) throw new Error('the request is too large');
  }
  return body;
}
