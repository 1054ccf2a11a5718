import { freePort } from '@seguridad-abc/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startFederation, type Federation } from '../federation/start-federation.js';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { servePage } from './transports/serve-page.js';

let federation: Federation;
let browser: Browser;
let pagePort: number;
const servers: { close(): void }[] = [];

beforeAll(async () => {
  pagePort = await freePort();
  servers.push(await servePage(pagePort));
  [federation, browser] = await Promise.all([startFederation(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await federation.close();
  for (const server of servers) server.close();
});

let page: Page;
let activity: PageActivity;
beforeEach(async () => {
  page = await browser.newPage();
  activity = recordPageActivity(page);
});
afterEach(() => page.close());

const CLIENTS = ['urql', 'graphql-ws', 'EventSource'];
/** By default, the page has another origin on this machine than the gateway: it is allowed without any setting. */
const openPage = (host = '127.0.0.1') =>
  page.goto(`http://${host}:${pagePort}/?gateway=${encodeURIComponent(federation.url)}`);
const waitForLine = (client: string, text: string | RegExp) =>
  page.getByRole('list', { name: client, exact: true }).getByText(text).waitFor();
const publish = (number: number) =>
  federation.publish({ id: '1', number, status: 'SENT', buyer: { id: 'ana' } });

test('three clients of a page receive every event, over SSE and WebSocket, until they unsubscribe', async () => {
  await openPage();
  await federation.waitForListeners(CLIENTS.length);
  for (const number of [1, 2]) {
    await publish(number);
    for (const client of CLIENTS) await waitForLine(client, `${number} on its way ana's name`);
  }
  await page.getByRole('button', { name: 'Stop' }).click();
  await federation.waitForListeners(0);
  expect(activity.errors).toStrictEqual([]);
});

test('closing a page ends its subscriptions', async () => {
  await openPage();
  await federation.waitForListeners(CLIENTS.length);
  await page.close();
  await federation.waitForListeners(0);
});

test('a page of a foreign origin receives nothing', async () => {
  // The browser resolves this name to this machine. The gateway does not allow it.
  await openPage('foreign.localhost');
  for (const client of CLIENTS) await waitForLine(client, /^failed/);
  await federation.waitForListeners(0);
  expect(activity.errors.join('\n')).toMatch(/CORS policy/);
});
