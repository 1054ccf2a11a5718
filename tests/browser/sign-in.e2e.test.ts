import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { createSignInLink } from '../harness/sign-in-link.js';
import { startTestPlatform, type TestPlatform } from '../harness/test-platform.js';

const NOT_SIGNED_IN = 'Not signed in';
const SIGNED_IN = 'Signed in as operator until';

let platform: TestPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let activity: PageActivity;
let origin: string;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startTestPlatform(), launchBrowser()]);
  origin = platform.getOrigin('gateway');
});
afterAll(async () => {
  await browser.close();
  await platform.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  activity = recordPageActivity(page);
});
afterEach(() => context.close());

const findText = (text: string) => page.getByRole('status').filter({ hasText: text });

/** Opens a new link, and waits until the browser has the cookie. It does not wait for GraphiQL. Returns the link. */
async function openLink(): Promise<string> {
  const link = await createSignInLink(platform);
  await page.goto(link);
  await page.waitForURL('**/graphiql', { waitUntil: 'commit' });
  return link;
}

/** Opens a new link, and waits until GraphiQL shows the session. Returns the link. */
async function signIn(): Promise<string> {
  const link = await openLink();
  await findText(SIGNED_IN).waitFor();
  return link;
}

/** Sends an operation from the page, as its scripts can. Returns the status and the codes of the errors. */
const postFromPage = (url: string) =>
  page.evaluate(async (endpoint) => {
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ rules { totalCount } }"}',
      });
      return response.status;
    } catch {
      return 'blocked';
    }
  }, url);

/** Opens a WebSocket from the page, without a token. Returns the type of the first message, or the code of the closing. */
const connectFromPage = () =>
  page.evaluate(
    (url) =>
      new Promise<unknown>((resolve) => {
        const socket = new WebSocket(url, 'graphql-transport-ws');
        socket.onopen = () => socket.send('{"type":"connection_init"}');
        socket.onmessage = ({ data }) => resolve((JSON.parse(String(data)) as { type: string }).type);
        socket.onclose = ({ code }) => resolve(code);
      }),
    platform.webSocketUrl,
  );

test('a link signs in once, and its code is in no address and no request header', async () => {
  const link = await signIn();
  const [, code = '-'] = link.split('#code=');
  expect(page.url()).toBe(`${origin}/graphiql`);
  expect(await postFromPage(platform.url)).toBe(200);
  expect(await connectFromPage()).toBe('connection_ack');
  expect(await page.evaluate('document.cookie')).toBe('');
  expect(activity.errors).toStrictEqual([]);

  await page.goto(link);
  await findText('The link has expired, was used before').waitFor();
  expect(page.url()).toBe(`${origin}/sign-in`);
  // Playwright adds the fragment to the address of the request for the page. No other request has it.
  expect(activity.urls.filter((url) => url !== link && url.includes(code))).toStrictEqual([]);
});

test('without signing in, GraphiQL is anonymous, shows the schema, and says where to get a link', async () => {
  await page.goto(`${origin}/graphiql`);
  await findText(NOT_SIGNED_IN).waitFor();
  await page.getByText('npm run -s sign-in').waitFor();
  await page.getByRole('button', { name: 'Execute query' }).click();
  await page.getByRole('region', { name: 'Result Window' }).getByText('"UNAUTHENTICATED"').waitFor();
  expect(await postFromPage(platform.url)).toBe(401);
  expect(await connectFromPage()).toBe(4403);
});

test('a person signs out in GraphiQL', async () => {
  await signIn();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await findText(NOT_SIGNED_IN).waitFor();
  expect(await context.cookies()).toStrictEqual([]);
  expect(await postFromPage(platform.url)).toBe(401);
});

test('a page of another port of this machine cannot use the session, though its browser sends the cookie', async () => {
  await openLink();
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>other</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const handshake = page.waitForEvent('websocket');
  expect(await connectFromPage()).toBe(4403);
  await handshake;
  expect(await postFromPage(platform.url)).toBe('blocked');
  expect(await postFromPage(`${origin}/sign-out`)).toBe('blocked');
  await page.goto(`${origin}/graphiql`);
  await findText(SIGNED_IN).waitFor();
  server.closeAllConnections();
  server.close();
});

test("the policy of the Sandbox page lets Apollo's script run and send operations to the gateway only", async () => {
  // Stands in for Apollo's script, which needs the internet.
  await page.route('https://embeddable-sandbox.cdn.apollographql.com/**', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `window.EmbeddedSandbox = class {
        constructor({ initialEndpoint, includeCookies }) {
          const body = '{"query":"{ __typename }"}';
          const headers = { 'content-type': 'application/json' };
          const credentials = includeCookies ? 'include' : 'omit';
          const send = (url) => fetch(url, { method: 'POST', headers, body, credentials })
            .then(({ status }) => status, () => 'blocked');
          Promise.all([send(initialEndpoint), send('https://example.com/')])
            .then((statuses) => { document.title = statuses.join(' '); });
        }
      };`,
    }),
  );
  await openLink();
  await page.goto(platform.url);
  // Sandbox sends no cookie. The policy of the page lets no test evaluate a condition in it.
  await expect.poll(() => page.title()).toBe('401 blocked');
});
