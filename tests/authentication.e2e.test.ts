import { once } from 'node:events';
import type { Actor } from '@seguridad-abc/contracts';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import {
  collectPayloads,
  executeOperation,
  getErrorCodes,
  type GraphQLResult,
} from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

const ANA: Actor = { id: 'ana', role: 'customer' };
const BEN: Actor = { id: 'ben', role: 'customer' };
const OLGA: Actor = { id: 'olga', role: 'operator' };

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.close());

describe('without a valid token', () => {
  const UNSIGNED_TOKEN =
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEiLCJyb2xlIjoib3BlcmF0b3IiLCJleHAiOjk5OTk5OTk5OTl9.';

  it.each([{}, { authorization: UNSIGNED_TOKEN }, { authorization: 'Basic YW5hOmFuYQ==' }])(
    'HTTP requests are refused: %j',
    async (headers: Record<string, string>) => {
      const response = await fetch(platform.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ rules { totalCount } }' }),
      });
      expect(response.status).toBe(401);
      const answer = (await response.json()) as GraphQLResult;
      expect(getErrorCodes(answer)).toStrictEqual(['UNAUTHENTICATED']);
      expect(answer).not.toHaveProperty('data');
    },
  );

  it.each([undefined, { authorization: UNSIGNED_TOKEN }, { headers: { authorization: UNSIGNED_TOKEN } }])(
    'the WebSocket is closed, and a client without a better token gives up: %j',
    async (connectionParams) => {
      let connectionAttempts = 0;
      const client = createClient({
        url: platform.webSocketUrl,
        webSocketImpl: WebSocket,
        ...(connectionParams && { connectionParams }),
        retryAttempts: 1,
        retryWait: () => Promise.resolve(),
        on: { connecting: () => void (connectionAttempts += 1) },
      });
      const ended = new Promise((resolve, reject) => {
        client.subscribe(
          { query: '{ services { name } }' },
          { next: resolve, error: reject, complete: () => resolve(0) },
        );
      });
      await expect(ended).rejects.toMatchObject({ code: 4403 });
      expect(connectionAttempts).toBe(2);
      await client.dispose();
    },
  );

  it.each(['/status.json', '/status/reports.svg'])('%s is refused', async (path) => {
    expect((await fetch(platform.getOrigin('gateway') + path)).status).toBe(401);
  });

  it.each(['monitoring', 'reports', 'heartbeat'] as const)(
    '%s itself refuses requests, also with a token or a wrong installation secret',
    async (name) => {
      const authorization = await platform.createAuthorization(OLGA);
      for (const headers of [
        {},
        { authorization },
        { authorization, 'x-installation-secret': 'x'.repeat(43) },
        { 'x-installation-secret': '' },
      ] as Record<string, string>[]) {
        const response = await fetch(`${platform.getOrigin(name)}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ query: '{ __typename }' }),
        });
        expect(response.status).toBe(401);
        expect(getErrorCodes((await response.json()) as GraphQLResult)).toStrictEqual(['UNAUTHENTICATED']);
      }
    },
  );

  it.each([
    ['monitoring', '/log?after=0'],
    ['reports', '/rebuild'],
    ['reports', '/snapshot'],
    ['heartbeat', '/report'],
    ['heartbeat', '/maintenance'],
  ] as const)('%s refuses requests to %s', async (name, path) => {
    const authorization = await platform.createAuthorization(OLGA);
    expect((await fetch(platform.getOrigin(name) + path, { headers: { authorization } })).status).toBe(401);
  });

  it('/ready returns whether a service is ready, without its checks', async () => {
    const response = await fetch(`${platform.getOrigin('reports')}/ready`);
    expect(await response.json()).toStrictEqual({ service: 'reports', ready: true });
  });
});

describe('a token that expires', () => {
  it('ends the subscriptions of its WebSocket, unless the client sends a new token', async () => {
    // The server accepts it for five seconds longer, because clocks differ.
    const createShortAuthorization = async () =>
      `Bearer ${await issueEmbeddedToken(platform.folder, ANA, 2_000)}`;
    const sockets: WebSocket[] = [];
    const open = async () => {
      const client = createClient({
        url: platform.webSocketUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: await createShortAuthorization() },
        retryAttempts: 0,
        on: { opened: (socket) => void sockets.push(socket as WebSocket) },
      });
      return { client, health: collectPayloads(client, 'subscription { heartbeat { name } }') };
    };
    const expiring = await open();
    await expiring.health.waitFor(() => true);
    const renewed = await open();
    await renewed.health.waitFor(() => true);
    const authorization = await platform.createAuthorization(ANA);
    sockets[1]?.send(JSON.stringify({ type: 'ping', payload: { authorization } }));
    await expect(expiring.health.ended).rejects.toThrow(/TOKEN_EXPIRED/);
    const [answer] = [await collectPayloads(renewed.client, '{ viewer { id } }').waitFor(() => true)];
    expect(answer.data).toStrictEqual({ viewer: { id: 'ana' } });
    await expect(collectPayloads(expiring.client, '{ viewer { id } }').waitFor(() => true)).rejects.toThrow(
      /UNAUTHENTICATED/,
    );
    renewed.health.unsubscribe();
    await expiring.client.dispose();
    await renewed.client.dispose();
  });

  it('cannot be replaced by a token of another user on the same WebSocket', async () => {
    const sockets: WebSocket[] = [];
    const client = createClient({
      url: platform.webSocketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await platform.createAuthorization(ANA) },
      retryAttempts: 0,
      on: { opened: (socket) => void sockets.push(socket as WebSocket) },
    });
    const health = collectPayloads(client, 'subscription { heartbeat { name } }');
    await health.waitFor(() => true);
    const authorization = await platform.createAuthorization(BEN);
    const closed = once(sockets[0]!, 'close');
    sockets[0]?.send(JSON.stringify({ type: 'ping', payload: { authorization } }));
    await expect(health.ended).rejects.toThrow();
    expect((await closed)[0]).toBe(4403);
    await client.dispose();
  });
});

describe('with PUBLIC_STATUS', () => {
  it('anonymous callers can read health, and nothing else', async () => {
    const publicPlatform = await startTestPlatform({
      env: { PUBLIC_STATUS: 'true', NODE_ENV: 'production' },
    });
    try {
      const executeAnonymously = (query: string) =>
        executeOperation(publicPlatform.url, query, {}, { headers: {} });
      expect(
        (await executeAnonymously('{ services { name } service(name: "reports") { status } }')).errors,
      ).toBeUndefined();
      expect(
        getErrorCodes(await executeAnonymously('{ services { name } rules { totalCount } }')),
      ).toStrictEqual(['UNAUTHENTICATED']);
      expect(getErrorCodes(await executeAnonymously('{ ...on Query { viewer { id } } }'))).toStrictEqual([
        'UNAUTHENTICATED',
      ]);
      expect((await fetch(`${publicPlatform.getOrigin('gateway')}/status.json`)).status).toBe(200);
      const client = createClient({
        url: publicPlatform.webSocketUrl,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      });
      const health = collectPayloads(client, 'subscription { heartbeat { name } }');
      await health.waitFor(() => true);
      await expect(collectPayloads(client, 'subscription { ruleChanged { kind } }').ended).rejects.toThrow(
        /UNAUTHENTICATED/,
      );
      health.unsubscribe();
      await client.dispose();
    } finally {
      await publicPlatform.close();
    }
  });
});
