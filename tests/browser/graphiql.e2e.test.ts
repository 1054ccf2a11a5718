import { eventually } from '@seguridad-abc/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, watch, type Watched } from '../harness/browser.js';
import { ask } from '../harness/clients.js';
import { startPlatform, type Platform } from '../harness/platform.js';

let platform: Platform;
let browser: Browser;
let page: Page;
let watched: Watched;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await platform.close();
});
// A page of its own context keeps nothing of what another test did.
beforeEach(async () => {
  page = await browser.newPage();
  watched = watch(page);
  await page.goto(`${platform.origin('gateway')}/graphiql`);
  await editor('Operation Editor').locator('.view-line').first().waitFor();
});
afterEach(() => page.close());

const editor = (name: string) => page.getByRole('region', { name });
/** GraphiQL has read an operation that was changed once it is in the page's address. */
const taken = (part: string) =>
  page.waitForURL(({ searchParams }) => searchParams.get('query')?.includes(part) ?? false);

async function openTab(name: string) {
  // By keyboard: a tab can be dragged, and one that is still settling takes no click.
  await page.getByRole('tab').getByRole('button', { name, exact: true }).press('Enter');
  await taken(` ${name} {`);
}
const execute = () => page.getByRole('button', { name: 'Execute query' }).click();

/** All of these texts, each on a line, at one time. */
async function shows(...texts: readonly string[]) {
  let result = editor('Result Window');
  for (const hasText of texts) result = result.filter({ has: page.locator('.view-line', { hasText }) });
  await result.waitFor();
}

/** Replaces what is in the editor of this name. */
async function write(name: string, text: string) {
  await editor(name).locator('.view-lines:visible').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

async function writeOperation(text: string) {
  await write('Operation Editor', text);
  await taken(text);
}

test('a mutation and a query are answered; nobody but the gateway is asked for anything', async () => {
  await openTab('CreateRule');
  await execute();
  await shows('"createRule"', '"name": "Shop door by day"', '"version": 1');
  await openTab('Rules');
  await execute();
  await shows('"totalCount": 1', '"name": "Shop door by day"');

  const { host } = new URL(platform.url);
  const foreign = watched.urls.filter((url) => !url.startsWith('data:') && new URL(url).host !== host);
  expect(foreign).toStrictEqual([]);
  expect(watched.errors).toStrictEqual([]);
});

test('a subscription receives over WebSocket until it is stopped', async () => {
  await openTab('Health');
  await execute();
  await shows('"heartbeat"', '"status": "UP"');
  await platform.end('reports', 'SIGTERM');
  await shows('"name": "reports"', '"status": "DOWN"', 'goodbye');
  await platform.start('reports');
  await shows('"name": "reports"', '"status": "UP"');

  await page.getByRole('button', { name: 'Stop query' }).click();
  await page.getByRole('button', { name: 'Execute query' }).waitFor();
  await eventually(() =>
    expect(watched.sent.map(typeOf)).toStrictEqual(['connection_init', 'subscribe', 'complete']),
  );
  expect(watched.errors).toStrictEqual([]);
});

test('what the headers editor holds goes with requests, and into connection_init', async () => {
  const authorization = await platform.authorization({ id: 'ana', role: 'customer' });
  await page.getByRole('button', { name: 'Headers' }).click();
  await write('Headers', JSON.stringify({ Authorization: authorization }));
  const posted = page.waitForRequest((request) => (request.postData() ?? '').includes('query Rules'));
  await execute();
  expect((await posted).headers()['authorization']).toBe(authorization);
  await shows('"data"');

  await writeOperation('subscription { heartbeat(services: ["gateway"]) { status } }');
  await execute();
  await shows('"status": "UP"');
  expect(JSON.parse(watched.sent[0] ?? '')).toStrictEqual({
    type: 'connection_init',
    payload: { authorization, headers: { authorization } },
  });
});

test('errors are shown as they are answered', async () => {
  await writeOperation('{ rules(first: 0) { totalCount } }');
  await execute();
  await shows('"code": "BAD_USER_INPUT"');
  const { errors } = await ask(platform.url, '{ rules(first: 0) { totalCount } }');
  await shows(errors?.[0]?.message ?? '-');
});

const typeOf = (message: string) => (JSON.parse(message) as { type: string }).type;
