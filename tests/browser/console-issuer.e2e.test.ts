import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestGateway, type TestGateway } from '@seguridad-abc/gateway/testing';
import { freePort, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import Provider from 'oidc-provider';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';

const AUDIENCE = 'https://api.example.com';
/** The console renews a token a minute before it expires. */
const TOKEN_LIFETIME_S = 62;

let redis: TestRedis;
let issuer: Server;
let gateway: TestGateway;
let origin: string;
let browser: Browser;
let page: Page;
let activity: PageActivity;

beforeAll(async () => {
  issuer = createServer().listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  const gatewayPort = await freePort();
  origin = `http://127.0.0.1:${gatewayPort}`;
  const handle = createIssuer(issuerUrl, origin).callback();
  issuer.on('request', (request, response) => void handle(request, response));
  redis = await startRedis();
  [gateway, browser] = await Promise.all([
    startTestGateway({
      GATEWAY_PORT: String(gatewayPort),
      REDIS_URL: redis.url,
      AUTH_JWKS_URL: `${issuerUrl}/jwks`,
      AUTH_ISSUER: issuerUrl,
      AUTH_AUDIENCE: AUDIENCE,
      CONSOLE_CLIENT_ID: 'console',
      CONSOLE_RESOURCE: AUDIENCE,
    }),
    launchBrowser(),
  ]);
  page = await browser.newPage();
  activity = recordPageActivity(page);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
  issuer.closeAllConnections();
  issuer.close();
  await redis.close();
});

/** An issuer at which anybody can sign in. The console is a public client of it. */
const createIssuer = (url: string, consoleOrigin: string) =>
  new Provider(url, {
    clients: [
      {
        client_id: 'console',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${consoleOrigin}/console/callback`],
        post_logout_redirect_uris: [`${consoleOrigin}/`],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    clientBasedCORS: () => true,
    issueRefreshToken: () => true,
    extraTokenClaims: () => ({ role: 'customer' }),
    ttl: {
      AccessToken: TOKEN_LIFETIME_S,
      // Without these it prints a notice for each.
      ...{ Grant: 600, IdToken: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
    },
    features: {
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_LIFETIME_S,
        }),
      },
    },
  });

/** The form of the issuer. */
async function signInAtIssuer(user: string) {
  await page.getByPlaceholder('Enter any login').fill(user);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('signs in at the issuer, returns to the address, and renews the token on the open socket', async () => {
  const address = `${origin}/openings?from=mail`;
  await page.goto(address);
  await signInAtIssuer('ana');
  await page.getByRole('button', { name: 'Account: ana' }).waitFor();
  expect(page.url()).toBe(address);
  await page.getByRole('heading', { level: 1, name: 'Openings' }).waitFor();
  // The flow's code and tokens are nowhere that a later page could read them.
  const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])');
  expect(stored).not.toMatch(/eyJ|access_token|code_verifier/);

  const listSentTokens = () =>
    activity.sentMessages
      .map((text) => JSON.parse(text) as { type: string; payload?: { authorization?: string } })
      .flatMap(({ type, payload }) =>
        payload?.authorization === undefined ? [] : [{ type, token: payload.authorization }],
      );
  await expect.poll(() => listSentTokens().map(({ type }) => type), { timeout: 15_000 }).toContain('ping');
  const [first, renewed] = listSentTokens();
  expect([first?.type, renewed?.type]).toStrictEqual(['connection_init', 'ping']);
  expect(renewed?.token).not.toBe(first?.token);
});

test('after signing out, the page waits until the user signs in again', async () => {
  await page.getByRole('button', { name: 'Account: ana' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.getByText('You are not signed in.').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByPlaceholder('Enter any login').waitFor();
});
