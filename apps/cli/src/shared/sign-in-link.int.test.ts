import type { RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.js';
import { createServiceContext, SECRET_HEADERS } from '../testing/service-context.js';
import { UserFacingError } from './errors.js';
import { createSignInLink } from './sign-in-link.js';

const READY = '{"service":"gateway","ready":true}';
const LINK = { url: 'http://127.0.0.1:4000/sign-in#code=a', expiresInMs: 600_000 };
const servers: RecordingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function requestLink(respond: RequestListener) {
  const server = await startRecordingServer(respond);
  servers.push(server);
  const { settings, signal } = createServiceContext(server.port);
  return { server, link: createSignInLink(settings, signal) };
}

test('the gateway gets the secret and returns a link', async () => {
  const { server, link } = await requestLink(({ url }, response) =>
    response.end(url === '/ready' ? READY : JSON.stringify(LINK)),
  );
  expect(await link).toStrictEqual(LINK);
  expect(server.requests).toMatchObject([
    { path: '/ready' },
    { path: '/sign-in-links', headers: SECRET_HEADERS },
  ]);
});

test('the message of a gateway without links is passed on', async () => {
  const { link } = await requestLink(({ url }, response) => {
    if (url === '/ready') response.end(READY);
    else response.writeHead(409).end('{"errors":[{"message":"There are no sign-in links."}]}');
  });
  await expect(link).rejects.toMatchObject({
    constructor: UserFacingError,
    message: 'There are no sign-in links.',
  });
});

test.each<[string, RequestListener]>([
  ['a web server', (_request, response) => response.end('<html>')],
  ['another service', (_request, response) => response.end('{"service":"reports","ready":true}')],
])('%s on the port gets no secret', async (_, respond) => {
  const { server, link } = await requestLink(respond);
  await expect(link).rejects.toMatchObject({
    name: 'UnreachableError',
    message: expect.stringContaining('does not answer as the gateway does') as unknown,
  });
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.headers).not.toMatchObject(SECRET_HEADERS);
});

test('without a gateway, the message says how to start it', async () => {
  const { server, link } = await requestLink((_request, response) => response.destroy());
  await expect(link).rejects.toMatchObject({
    name: 'UnreachableError',
    message: expect.stringContaining('start it with npm start') as unknown,
  });
  expect(server.requests).toHaveLength(1);
});
