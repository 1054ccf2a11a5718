import { freePort } from '@seguridad-abc/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startFederation, type Federation } from '../federation/start-federation.js';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { servePage } from './transports/serve-page.js';

let federation: Federation;
let browser: Browser;
/** Ports of a page whose origin the gateway allows, and of one that it does not. */
let allowedPort: number;
let foreignPort: number;
const servers: { close(): void }[] = [];

beforeAll(async () => {
  [allowedPort, foreignPort] = [await freePort(), await freePort()];
  servers.push(await servePage(allowedPort), await servePage(foreignPort));
  [federation, browser] = await Promise.all([
    startFederation({ CORS_ORIGINS: `http://127.0.0.1:${allowedPort}` }),
    launchBrowser(),
  ]);
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

const CLIENTS = ['urql', 'graphql-ws'];
const openPage = (port: number) =>
  page.goto(`http://127.0.0.1:${port}/?gateway=${encodeURIComponent(federation.url)}`);
const waitForLine = (client: string, text: string | RegExp) =>
  page.getByRole('list', { name: client, exact: true }).getByText(text).waitFor();
const publish = (number: number) =>
  federation.publish({ id: '1', number, status: 'SENT', buyer: { id: 'ana' } });

test('two clients of a page receive every event, over SSE and WebSocket, until they unsubscribe', async () => {
  await openPage(allowedPort);
  await federation.waitForListeners(2);
  for (const number of [1, 2]) {
    await publish(number);
    for (const client of CLIENTS) await waitForLine(client, `${number} on its way ana's name`);
  }
  await page.getByRole('button', { name: 'Stop' }).click();
  await federation.waitForListeners(0);
  expect(activity.errors).toStrictEqual([]);
});

test('closing a page ends its subscriptions', async () => {
  await openPage(allowedPort);
  await federation.waitForListeners(2);
  await page.close();
  await federation.waitForListeners(0);
});

test('a page of a foreign origin receives nothing', async () => {
  await openPage(foreignPort);
  for (const client of CLIENTS) await waitForLine(client, /^failed/);
  await federation.waitForListeners(0);
  expect(activity.errors.join('\n')).toMatch(/CORS policy/);
});
