import type { RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { CommandHost } from '../command-line/command-host.js';
import { createParser } from '../main.js';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.js';
import { createServiceContext, SECRET_HEADERS } from '../testing/service-context.js';

const servers: RecordingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function startServer(respond: RequestListener) {
  const server = await startRecordingServer(respond);
  servers.push(server);
  return server;
}

/** Runs `npm run maintenance` with heartbeat's port. */
async function listMaintenance(port: string) {
  const host: CommandHost = {
    run: async (_options, work) => {
      await work(createServiceContext(port));
    },
  };
  const parser = await createParser(['maintenance'], host);
  await parser.parseAsync();
}

const WRONG_SERVER = {
  name: 'UnreachableError',
  message: expect.stringContaining('does not answer as heartbeat does: correct HOST') as unknown,
};

test('another program on the port gets no secret', async () => {
  const program = await startServer((_request, response) => response.end('<html>'));
  await expect(listMaintenance(program.port)).rejects.toMatchObject(WRONG_SERVER);
  expect(program.requests).toHaveLength(1);
  expect(program.requests[0]?.headers).not.toMatchObject(SECRET_HEADERS);
});

test('a redirect to another origin gets no request', async () => {
  const other = await startServer((_request, response) => response.end('{"maintenance":[]}'));
  const heartbeat = await startServer(({ url }, response) => {
    if (url === '/ready') response.end('{"service":"heartbeat","ready":true}');
    else response.writeHead(307, { location: `${other.origin}/maintenance` }).end();
  });
  await expect(listMaintenance(heartbeat.port)).rejects.toMatchObject(WRONG_SERVER);
  expect(heartbeat.requests).toMatchObject([{ path: '/ready' }, { headers: SECRET_HEADERS }]);
  expect(other.requests).toStrictEqual([]);
});
