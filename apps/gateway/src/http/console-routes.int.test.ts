import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ExpectedError } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { AMBIGUOUS_SESSION, type AuthenticationResult } from '../requests/authentication.js';
import { createRouteCharges } from '../requests/route-charges.js';
import { getConsoleSignIn, serveConsole, type ConsoleRoutesOptions } from './console-routes.js';
import { serveStartPage } from './start-page.js';

const ADDRESS = '192.0.2.1';
const charges = createRouteCharges(undefined, () => ADDRESS);
const BROWSER = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
const ISSUER = 'https://id.example.com/realms/abc';

const cleanUp: (() => unknown)[] = [];
afterEach(() => cleanUp.splice(0).forEach((undo) => undo()));

/** The folder of a built console. */
function buildConsole(): string {
  const folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  mkdirSync(join(folder.path, 'assets'));
  writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>console</title>');
  writeFileSync(join(folder.path, 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(join(folder.path, 'secret.txt'), 'secret');
  return folder.path;
}

async function start(options: Partial<ConsoleRoutesOptions> = {}) {
  const app = express();
  app.disable('x-powered-by');
  const authenticate = (authorization: unknown): AuthenticationResult => {
    if (authorization === AMBIGUOUS_SESSION || authorization === 'Bearer bad') {
      throw new ExpectedError('UNAUTHENTICATED', 'Sign in again.');
    }
    return authorization === undefined
      ? { caller: undefined, headers: {} }
      : { caller: { id: 'ana', role: 'customer', expiresAt: undefined, scopes: [] } as never, headers: {} };
  };
  const isBuilt = serveConsole({
    http: { app },
    charges,
    authenticate,
    resolveClientAddress: () => ADDRESS,
    signIn: { kind: 'link' },
    publicStatus: false,
    operationsById: false,
    developerPages: true,
    folder: options.folder ?? buildConsole(),
    ...options,
  });
  serveStartPage({ http: { app }, charges, hasDeveloperPages: true, doesStatusNeedToken: true });
  const server = createServer(app).listen(0, '127.0.0.1');
  cleanUp.push(() => server.close());
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, isBuilt };
}

test('a browser gets the page at every address of the console, with a policy that allows nothing inline', async () => {
  const { origin } = await start();
  const paths = [
    '/',
    '/services',
    '/openings',
    '/alarms/1',
    '/customers/ana',
    '/rules/new',
    '/console/callback',
  ];
  for (const path of paths) {
    const response = await fetch(`${origin}${path}`, BROWSER);
    expect([path, response.status, await response.text()]).toStrictEqual([
      path,
      200,
      '<!doctype html><title>console</title>',
    ]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; .*connect-src 'self';.*frame-ancestors 'none'$/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  }
});

test('a program gets what it got without the console, and unknown paths stay unknown', async () => {
  const { origin } = await start();
  expect(await (await fetch(`${origin}/`)).text()).toContain('The gateway of this installation runs.');
  expect((await fetch(`${origin}/services`)).status).toBe(404);
  expect((await fetch(`${origin}/nowhere`, BROWSER)).status).toBe(404);
});

test('its files are compressed and kept by browsers; nothing else of the folder is served', async () => {
  const { origin } = await start();
  const response = await fetch(`${origin}/assets/app-1a2b.js`);
  expect([response.status, await response.text()]).toStrictEqual([200, 'export {};']);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'content-encoding': 'gzip',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  for (const path of [
    '/assets/app-0.js',
    '/assets/',
    '/assets/..%2Fsecret.txt',
    '/assets/%2E%2E',
    '/secret.txt',
  ]) {
    expect([path, await readRawStatus(origin, path)]).toStrictEqual([path, 404]);
  }
});

/** The status of a request for exactly this path. `fetch` would resolve the dots. */
async function readRawStatus(origin: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(origin);
  const [response] = (await once(request({ hostname, port, path }).end(), 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test('its settings say how to sign in, and the policy then allows the issuer', async () => {
  const signIn = { kind: 'oidc', issuer: ISSUER, clientId: 'console', scope: 'openid' } as const;
  const { origin } = await start({ signIn, operationsById: true });
  expect(await (await fetch(`${origin}/console/settings.json`)).json()).toStrictEqual({
    signIn,
    publicStatus: false,
    operationsById: true,
    developerPages: true,
  });
  const { headers } = await fetch(`${origin}/`, BROWSER);
  expect(headers.get('content-security-policy')).toContain("connect-src 'self' https://id.example.com;");
});

test('the session is that of the token, and names only problems that the user can solve', async () => {
  const { origin } = await start();
  const readSession = async (authorization?: string) =>
    (await fetch(`${origin}/console/session`, authorization ? { headers: { authorization } } : {})).json();
  expect(await readSession('Bearer good')).toStrictEqual({ caller: { id: 'ana', role: 'customer' } });
  expect(await readSession()).toStrictEqual({ caller: null });
  expect(await readSession('Bearer bad')).toStrictEqual({ caller: null });
  expect(await readSession(AMBIGUOUS_SESSION)).toStrictEqual({ caller: null, problem: 'Sign in again.' });
});

test('a console that is not built is not served', async () => {
  const { origin, isBuilt } = await start({ folder: '/nowhere' });
  expect(isBuilt).toBe(false);
  expect(await (await fetch(`${origin}/`, BROWSER)).text()).toContain(
    'The gateway of this installation runs.',
  );
});

describe('browsers sign in', () => {
  const DEVELOPMENT = {
    AUTH: 'required',
    NODE_ENV: 'development',
    AUTH_ISSUER: undefined,
    AUTH_JWKS_URL: undefined,
    CONSOLE_SCOPE: 'openid offline_access',
  } as const;
  const WITH_ISSUER = { ...DEVELOPMENT, AUTH_ISSUER: ISSUER, AUTH_JWKS_URL: `${ISSUER}/jwks` };

  test.each([
    ['by links in development', DEVELOPMENT, { kind: 'link' }],
    ['not at all with AUTH=off', { ...DEVELOPMENT, AUTH: 'off' as const }, { kind: 'open' }],
    [
      'at the issuer of the tokens, also in production',
      {
        ...WITH_ISSUER,
        NODE_ENV: 'production' as const,
        CONSOLE_CLIENT_ID: 'console',
        CONSOLE_RESOURCE: 'urn:api',
      },
      {
        kind: 'oidc',
        issuer: ISSUER,
        clientId: 'console',
        scope: 'openid offline_access',
        resource: 'urn:api',
      },
    ],
  ])('%s', (_, config, expected) => {
    expect(getConsoleSignIn(config)).toStrictEqual(expected);
  });

  test.each([
    ['an issuer does not know the console', WITH_ISSUER, /Register the console there.*CONSOLE_CLIENT_ID/],
    [
      'production has no issuer',
      { ...DEVELOPMENT, NODE_ENV: 'production' as const },
      /AUTH_JWKS_URL, AUTH_ISSUER/,
    ],
  ])('once the administrator has set what is missing: %s', (_, config, problem) => {
    expect(getConsoleSignIn(config)).toMatchObject({
      kind: 'none',
      problem: expect.stringMatching(problem) as string,
    });
  });
});
