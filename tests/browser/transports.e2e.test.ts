import { freePort } from '@seguridad-abc/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startFederation, type Federation } from '../federation/start-federation.js';
import { launchBrowser, watch, type Watched } from '../harness/browser.js';
import { servePage } from './transports/serve-page.js';

let federation: Federation;
let browser: Browser;
let allowed: number;
let foreign: number;
const servers: { close(): void }[] = [];

beforeAll(async () => {
  [allowed, foreign] = [await freePort(), await freePort()];
  servers.push(await servePage(allowed), await servePage(foreign));
  [federation, browser] = await Promise.all([
    startFederation({ CORS_ORIGINS: `http://127.0.0.1:${allowed}` }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await federation.close();
  for (const server of servers) server.close();
});

let page: Page;
let watched: Watched;
beforeEach(async () => {
  page = await browser.newPage();
  watched = watch(page);
});
afterEach(() => page.close());

const CLIENTS = ['urql', 'graphql-ws'];
const open = (port: number) =>
  page.goto(`http://127.0.0.1:${port}/?gateway=${encodeURIComponent(federation.url)}`);
const line = (client: string, text: string | RegExp) =>
  page.getByRole('list', { name: client, exact: true }).getByText(text).waitFor();
const publish = (number: number) =>
  federation.publish({ id: '1', number, status: 'SENT', buyer: { id: 'ana' } });

test('two clients of one page hear every event, over SSE and over a WebSocket, until they want no more', async () => {
  await open(allowed);
  await federation.waitForListeners(2);
  for (const number of [1, 2]) {
    await publish(number);
    for (const client of CLIENTS) await line(client, `${number} on its way ana's name`);
  }
  await page.getByRole('button', { name: 'Stop' }).click();
  await federation.waitForListeners(0);
  expect(watched.errors).toStrictEqual([]);
});

test('a page that is left leaves nothing behind', async () => {
  await open(allowed);
  await federation.waitForListeners(2);
  await page.close();
  await federation.waitForListeners(0);
});

test('a page of an origin that is not allowed hears nothing', async () => {
  await open(foreign);
  for (const client of CLIENTS) await line(client, /^failed/);
  await federation.waitForListeners(0);
  expect(watched.errors.join('\n')).toMatch(/CORS policy/);
});
