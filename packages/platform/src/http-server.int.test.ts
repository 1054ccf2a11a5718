import { once } from 'node:events';
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createIdentityService, type IdentityService } from './identity-service.js';
import { ExpectedError } from './errors.js';
import {
  CORRELATION_ID_HEADER,
  createHttpServer,
  installHttpErrorHandler,
  type HttpServer,
} from './http-server.js';
import { INSTALLATION_SECRET_HEADER } from './installation-secret.js';
import { correlationIdStorage } from './logger.js';
import { NO_IDENTITY, recordLogs, temporaryFolder } from './testing/index.js';

let http: HttpServer;
afterEach(() => http.close());

async function start(identity = NO_IDENTITY, isBehindTls = false, stoppingStatus = 503) {
  http = createHttpServer({
    service: 'test',
    host: '127.0.0.1',
    port: 0,
    identity,
    isBehindTls,
    stoppingStatus,
    readiness: () => ({ ready: true, checks: {} }),
    logger: recordLogs().logger,
  });
  await http.listen();
  return `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
}

test('a mounted listener gets the requests for its path, with a correlation id; the app gets all others', async () => {
  const origin = await start();
  http.mount('/graphql', ({ headers }, response) => response.end(headers['x-correlation-id']));
  for (const path of ['/graphql', '/graphql/', '/graphql?query=x']) {
    const response = await fetch(origin + path, { headers: { 'x-correlation-id': 'caller-12345678' } });
    expect([response.headers.get('x-correlation-id'), await response.text()]).toStrictEqual([
      'caller-12345678',
      'caller-12345678',
    ]);
  }
  expect((await fetch(`${origin}/graphql/more`)).status).toBe(404);
  expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({ service: 'test' });
});

test('a connection that pipelines many requests is closed; one with few is answered', async () => {
  const origin = await start();
  const answers: ServerResponse[] = [];
  http.mount('/graphql', (_request, response) => void answers.push(response));
  let requestCount = 0;
  http.server.on('request', () => (requestCount += 1));
  const { hostname, port } = new URL(origin);
  const pipeline = async (count: number) => {
    const connection = connect(Number(port), hostname);
    await once(connection, 'connect');
    connection.on('error', () => undefined);
    connection.write('GET /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(count));
    return connection;
  };
  const many = await pipeline(100);
  await once(many, 'close');
  expect(answers.splice(0)).toHaveLength(17);
  // The parser skips those after the first that exceeds the limit.
  expect(requestCount).toBe(18);
  const few = await pipeline(17);
  await expect.poll(() => answers.length).toBe(17);
  let text = '';
  few.on('data', (data) => (text += String(data)));
  for (const response of answers) response.end('answered');
  await expect.poll(() => text.split('answered').length - 1).toBe(17);
  few.destroy();
});

test.each([
  ['at once', (request: IncomingMessage) => request.on('data', () => undefined)],
  ['later', (request: IncomingMessage) => setTimeout(() => request.on('data', () => undefined), 20)],
  ['never', () => undefined],
])('of a body in too small chunks that is read %s, only the first ones are passed on', async (_, read) => {
  const origin = await start();
  let chunkCount = 0;
  http.mount('/graphql', (request) => {
    const push = request.push.bind(request);
    request.push = (chunk) => {
      chunkCount += 1;
      return push(chunk);
    };
    read(request);
  });
  const { hostname, port } = new URL(origin);
  const connection = connect(Number(port), hostname);
  connection.on('error', () => undefined);
  const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
  connection.write(head + '1\r\n \r\n'.repeat(10_000));
  await once(connection, 'close');
  // 128, and one for each 128 bytes.
  expect(chunkCount).toBe(130);
});

test('the rest of a body in too small chunks stays in native code; the parser serves later connections', async () => {
  const origin = await start();
  /** Functions of the parser of each connection, for pieces of a body. */
  const functions: (() => unknown)[] = [];
  http.mount('/graphql', (received, response) => {
    const { parser } = received.socket as unknown as { parser: readonly unknown[] };
    functions.push(() => parser[3]);
    let size = 0;
    received.on('data', (chunk: Buffer) => (size += chunk.length));
    received.on('end', () => response.end(String(size)));
  });
  const { hostname, port } = new URL(origin);
  const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
  const attacker = connect(Number(port), hostname);
  attacker.on('error', () => undefined);
  attacker.write(head + '1\r\n \r\n'.repeat(10_000));
  await expect.poll(() => functions.map((read) => typeof read())).toStrictEqual(['undefined']);
  await once(attacker, 'close');
  await expect.poll(() => functions.map((read) => typeof read())).toStrictEqual(['function']);
  for (let count = 0; count < 3; count += 1) {
    const client = connect(Number(port), hostname);
    client.write(`${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`);
    expect(String((await once(client, 'data'))[0])).toMatch(/\r\n\r\n5$/);
    client.destroy();
  }
});

test('a body that is answered before its end is skipped, and not that of the next request', async () => {
  const origin = await start();
  const functions: (() => unknown)[] = [];
  http.mount('/graphql', (received, response) => {
    const { parser } = received.socket as unknown as { parser: readonly unknown[] };
    functions.push(() => parser[3]);
    response.end('refused');
  });
  http.mount('/size', (received, response) => {
    let size = 0;
    received.on('data', (chunk: Buffer) => (size += chunk.length));
    received.on('end', () => response.end(`size ${size}`));
  });
  const { hostname, port } = new URL(origin);
  const createHead = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`;
  const attacker = connect(Number(port), hostname);
  attacker.on('error', () => undefined);
  attacker.resume();
  attacker.write(`${createHead('/graphql')}1\r\n \r\n`);
  await expect.poll(() => functions.map((read) => typeof read())).toStrictEqual(['undefined']);
  await once(attacker, 'close');
  await expect.poll(() => functions.map((read) => typeof read())).toStrictEqual(['function']);
  const client = connect(Number(port), hostname);
  let text = '';
  client.on('data', (data) => (text += String(data)));
  client.write(`${createHead('/graphql')}1\r\n \r\n0\r\n\r\n${createHead('/size')}3\r\nabc\r\n0\r\n\r\n`);
  await expect.poll(() => text).toMatch(/refused[^]*size 3/);
  client.destroy();
});

test.each([
  ['at once', () => undefined],
  ['later', () => new Promise(setImmediate)],
])('a body in too small chunks that is read %s fails with a reason', async (_, wait) => {
  const origin = await start();
  http.mount('/graphql', (received, response) => {
    const sendError = (error: Error) => response.writeHead(400).end(error.message);
    void Promise.resolve(wait()).then(() => {
      if (received.errored) sendError(received.errored);
      else received.on('error', sendError).resume();
    });
  });
  const { hostname, port } = new URL(origin);
  const client = connect(Number(port), hostname);
  client.on('error', () => undefined);
  const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
  client.write(head + '1\r\n \r\n'.repeat(200));
  expect(String((await once(client, 'data'))[0])).toMatch(
    /^HTTP\/1.1 400 [^]*The request body arrives in too small chunks/,
  );
  await once(client, 'close');
});

test('the rest of a large body is not read after the response, and its client reads the response', async () => {
  const origin = await start();
  const sizes: (() => number)[] = [];
  http.mount('/graphql', ({ socket }, response) => {
    sizes.push(() => socket.bytesRead);
    response.writeHead(429, {}).end('refused');
  });
  const body = Buffer.alloc(20_000_000);
  for (let count = 0; count < 5; count += 1) {
    const response = await fetch(`${origin}/graphql`, { method: 'POST', body });
    expect([response.status, await response.text()]).toStrictEqual([429, 'refused']);
    expect(response.headers.get('connection')).toBe('close');
  }
  // A client that does not read while it sends.
  const { hostname, port } = new URL(origin);
  const client = connect(Number(port), hostname);
  client.pause();
  client.write(`POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n`);
  for (let count = 0; count < 20; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.write(Buffer.alloc(10_000), (error) => expect(error ?? null).toBeNull());
  }
  client.resume();
  expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1.1 429 /);
  client.destroy();
  expect(Math.max(...sizes.map((read) => read()))).toBeLessThan(1_000_000);
});

test('a body in many chunks that are not too small is read', async () => {
  const origin = await start();
  http.mount('/graphql', (request, response) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => (size += chunk.length));
    request.on('end', () => response.end(String(size)));
  });
  async function* createChunks() {
    for (let n = 0; n < 3_000; n += 1) yield await Promise.resolve(Buffer.alloc(200));
  }
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    body: createChunks(),
    duplex: 'half',
  } as unknown as RequestInit);
  expect(await response.text()).toBe('600000');
});

test('the rest of a body of unknown length is not read after the response; a short one keeps its connection', async () => {
  const origin = await start();
  http.mount('/graphql', (_request, response) => response.writeHead(401).end('refused'));
  const { hostname, port } = new URL(origin);
  const HEAD = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
  const connection = connect(Number(port), hostname);
  connection.on('error', () => undefined);
  connection.write(`${HEAD}1\r\nx\r\n0\r\n\r\n`);
  expect(String((await once(connection, 'data'))[0])).toContain('refused');
  connection.write(`${HEAD}1\r\nx\r\n`);
  expect(String((await once(connection, 'data'))[0])).toContain('refused');
  const keepSending = () =>
    connection.write('1\r\nx\r\n', () => setImmediate(() => connection.destroyed || keepSending()));
  keepSending();
  await expect.poll(() => connection.closed).toBe(true);
});

test('browsers may not guess the type of any response', async () => {
  const origin = await start();
  http.mount('/graphql', (_request, response) => response.end('{}'));
  for (const path of ['/graphql', '/health', '/nothing']) {
    const { headers } = await fetch(origin + path);
    expect([path, headers.get('x-content-type-options')]).toStrictEqual([path, 'nosniff']);
  }
});

const folder = temporaryFolder();
afterAll(() => folder.remove());
const createIdentity = (settings: { AUTH: 'required' | 'off'; HOST?: string; ALLOWED_HOSTS?: string[] }) =>
  createIdentityService(
    { HOST: '127.0.0.1', DATA_DIR: folder.path, AUTH_ROLE_CLAIM: 'role', ...settings },
    recordLogs().logger,
  );

/** Sends a request, or a WebSocket handshake, with a `Host` header. Returns status and body. */
async function send(origin: string, host: string, headers: object = {}) {
  const sent = request(`${origin}/graphql`, { headers: { host, ...headers } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode, (await response.toArray()).join('')];
}
const HANDSHAKE = { connection: 'upgrade', upgrade: 'websocket' };

async function startWithHandlers(identity: IdentityService) {
  const origin = await start(identity);
  http.mount('/graphql', (_request, response) => response.end('answered'));
  http.mountUpgrade('/graphql', (_request, connection) => {
    connection.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nopened');
  });
  return origin;
}
const REJECTED = [403, expect.stringContaining('The Host header is not allowed.') as string];

test.each(['required', 'off'] as const)(
  'with AUTH=%s, a request and a WebSocket handshake to a loopback server must have a loopback Host header',
  async (AUTH) => {
    const origin = await startWithHandlers(createIdentity({ AUTH }));
    for (const host of ['localhost', '127.0.0.1:4000', '[::1]:4000']) {
      expect(await send(origin, host)).toEqual([200, 'answered']);
      expect(await send(origin, host, HANDSHAKE)).toEqual([200, 'opened']);
    }
    expect(await send(origin, 'rebound.example.com:4000')).toEqual(REJECTED);
    expect(await send(origin, 'rebound.example.com:4000', HANDSHAKE)).toEqual(REJECTED);
  },
);

test('a server on a public address answers for all hosts, or for those of ALLOWED_HOSTS', async () => {
  const HOST = '0.0.0.0';
  const open = await startWithHandlers(createIdentity({ AUTH: 'required', HOST }));
  expect(await send(open, 'api.example.com')).toEqual([200, 'answered']);
  await http.close();
  const ALLOWED_HOSTS = ['doors.example.com'];
  const limited = await startWithHandlers(createIdentity({ AUTH: 'required', HOST, ALLOWED_HOSTS }));
  expect(await send(limited, 'doors.example.com')).toEqual([200, 'answered']);
  expect(await send(limited, 'api.example.com')).toEqual(REJECTED);
});

test('processes of the installation may address each other by any name', async () => {
  const identity = createIdentity({ AUTH: 'required' });
  const origin = await startWithHandlers(identity);
  expect(await send(origin, 'monitoring:4001', identity.installationHeaders)).toEqual([200, 'answered']);
  const wrong = { [INSTALLATION_SECRET_HEADER]: 'wrong' };
  expect(await send(origin, 'monitoring:4001', wrong)).toEqual(REJECTED);
});

test('AUTH=off allows no further hosts', () => {
  expect(() => createIdentity({ AUTH: 'off', ALLOWED_HOSTS: ['doors.example.com'] })).toThrow(
    'AUTH=off allows only requests to this machine.',
  );
});

test('a server behind TLS tells browsers to use https only', async () => {
  const origin = await start(NO_IDENTITY, true);
  const { headers } = await fetch(`${origin}/health`);
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
});

test('an expected error brings its own status and headers, and is not logged', async () => {
  const origin = await start();
  const { logger, lines } = recordLogs();
  http.app.get('/limited', () => {
    const headers = { 'retry-after': '3' };
    throw new ExpectedError('RATE_LIMITED', 'Try again.', { retryAfter: 3, http: { status: 429, headers } });
  });
  installHttpErrorHandler(http.app, logger);
  const response = await fetch(`${origin}/limited`);
  expect([response.status, response.headers.get('retry-after'), await response.json()]).toStrictEqual([
    429,
    '3',
    { errors: [{ message: 'Try again.', extensions: { code: 'RATE_LIMITED', retryAfter: 3 } }] },
  ]);
  expect(lines).toStrictEqual([]);
});

test('log lines of a route carry the correlation id of its request', async () => {
  const origin = await start();
  http.app.get('/slow', async (_request, response) => {
    await Promise.resolve();
    response.send(correlationIdStorage.getStore());
  });
  const response = await fetch(`${origin}/slow`, { headers: { [CORRELATION_ID_HEADER]: 'request-1' } });
  expect(await response.text()).toBe('request-1');
});

test('close waits for requests in progress and then closes their connections', async () => {
  const origin = await start();
  const started = new Promise<ServerResponse>((resolve) =>
    http.mount('/slow', (_request, response) => resolve(response)),
  );
  const pending = request(`${origin}/slow`, { agent: new Agent({ keepAlive: true }) }).end();
  const answered = once(pending, 'response') as Promise<[IncomingMessage]>;
  const response = await started;
  const closed = http.close();
  response.end('late');
  const [answer] = await answered;
  expect((await answer.toArray()).join('')).toBe('late');
  await closed;
  await expect(fetch(origin)).rejects.toThrow();
});

test('a server that another process has replaced accepts no connection, and its clients learn to connect again', async () => {
  const origin = await start();
  http.mount('/graphql', (_request, response) => response.end('answered'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      request(`${origin}/graphql`, { agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response));
      })
        .once('error', reject)
        .end();
    });
  expect((await get()).headers.connection).toBe('keep-alive');
  http.stopListening();
  // An idle connection stays open: its client may be sending a request.
  const drained = http.drain();
  const last = await get();
  expect(last.headers.connection).toBe('close');
  await drained;
  await expect(get()).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('only processes of the installation may claim a process, and only one without a supervisor', async () => {
  const origin = await start();
  expect((await fetch(`${origin}/supervision/claim`, { method: 'POST' })).status).toBe(409);
});

test('a server that stops is not ready for a balancer that checks it on an open connection', async () => {
  const origin = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const readStatus = () =>
    new Promise<number | undefined>((resolve, reject) => {
      request(`${origin}/ready`, { agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      })
        .once('error', reject)
        .end();
    });
  expect(await readStatus()).toBe(200);
  const drained = http.drain();
  expect(await readStatus()).toBe(503);
  await drained;
  agent.destroy();
});

test('a server that announces its stop accepts connections, and has its own status for balancers', async () => {
  const origin = await start(NO_IDENTITY, false, 404);
  expect((await fetch(`${origin}/ready`)).status).toBe(200);
  http.announceStop();
  const { status, headers } = await fetch(`${origin}/ready`);
  expect([status, headers.get('connection')]).toEqual([404, 'close']);
  await http.drain();
  await expect(fetch(`${origin}/ready`)).rejects.toThrow('fetch failed');
});
