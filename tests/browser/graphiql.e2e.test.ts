import { eventually } from '@seguridad-abc/platform/testing';
import type { Browser, Page, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { executeOperation } from '../harness/graphql-clients.js';
import { createSignInLink } from '../harness/sign-in-link.js';
import { startTestPlatform, type TestPlatform } from '../harness/test-platform.js';

/** Time between the press and the release of the mouse button. */
const CLICK_DURATION_MS = 80;

let platform: TestPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let activity: PageActivity;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startTestPlatform(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await platform.close();
});
// A new browser context has no state of other tests.
beforeEach(async () => {
  context = await browser.newContext();
  const signInPage = await context.newPage();
  await signInPage.goto(await createSignInLink(platform));
  await signInPage.waitForURL('**/services', { waitUntil: 'commit' });
  await signInPage.close();
  page = await context.newPage();
  activity = recordPageActivity(page);
  await page.goto(`${platform.getOrigin('gateway')}/graphiql`);
  await getEditor('Operation Editor').locator('.view-line').first().waitFor();
});
afterEach(() => context.close());

const getEditor = (name: string) => page.getByRole('region', { name });
/** Waits until GraphiQL has read a changed operation and put it into the page's URL. */
const waitForOperation = (part: string) =>
  page.waitForURL(({ searchParams }) => searchParams.get('query')?.includes(part) ?? false);

async function openTab(name: string) {
  const tab = page.getByRole('tab').getByRole('button', { name, exact: true });
  const box = await tab.boundingBox();
  if (box === null) throw new Error(`The tab ${name} is not visible.`);
  // One click, as a person's mouse makes it. It has to open the tab, also if it is the first click in the page.
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2, { delay: CLICK_DURATION_MS });
  await waitForOperation(` ${name} {`);
}
const executeOperationInPage = () => page.getByRole('button', { name: 'Execute query' }).click();

/** Waits until the result has all of these texts, each on its own line. */
async function waitForResult(...texts: readonly string[]) {
  let result = getEditor('Result Window');
  for (const hasText of texts) result = result.filter({ has: page.locator('.view-line', { hasText }) });
  await result.waitFor();
}

/** Replaces the content of an editor. */
async function writeInto(name: string, text: string) {
  await getEditor(name).locator('.view-lines:visible').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

async function writeOperation(text: string) {
  await writeInto('Operation Editor', text);
  await waitForOperation(text);
}

test('a mutation and a query work, and the page sends requests to the gateway only', async () => {
  await openTab('CreateRule');
  await executeOperationInPage();
  await waitForResult('"createRule"', '"name": "Garage by night"', '"version": 1');
  await openTab('Rules');
  await executeOperationInPage();
  await waitForResult('"totalCount": 1', '"name": "Garage by night"');

  const { host } = new URL(platform.url);
  const foreign = activity.urls.filter((url) => !url.startsWith('data:') && new URL(url).host !== host);
  expect(foreign).toStrictEqual([]);
  expect(activity.errors).toStrictEqual([]);
});

test('a subscription receives payloads over WebSocket until it is stopped', async () => {
  await openTab('Health');
  await executeOperationInPage();
  await waitForResult('"heartbeat"', '"status": "UP"');
  await platform.stop('reports', 'SIGTERM');
  await waitForResult('"name": "reports"', '"status": "DOWN"', 'stopped normally');
  await platform.start('reports');
  await waitForResult('"name": "reports"', '"status": "UP"');

  await page.getByRole('button', { name: 'Stop query' }).click();
  await page.getByRole('button', { name: 'Execute query' }).waitFor();
  await eventually(() =>
    expect(activity.sentMessages.map(getMessageType)).toStrictEqual([
      'connection_init',
      'subscribe',
      'complete',
    ]),
  );
  expect(activity.errors).toStrictEqual([]);
});

test('the headers of the editor are sent with requests and in connection_init', async () => {
  const authorization = await platform.createAuthorization({ id: 'ana', role: 'customer' });
  await page.getByRole('button', { name: 'Headers' }).click();
  await writeInto('Headers', JSON.stringify({ Authorization: authorization }));
  const posted = page.waitForRequest((request) => (request.postData() ?? '').includes('query Rules'));
  await executeOperationInPage();
  expect((await posted).headers()['authorization']).toBe(authorization);
  await waitForResult('"data"');

  await writeOperation('subscription { heartbeat(services: ["gateway"]) { status } }');
  await executeOperationInPage();
  await waitForResult('"status": "UP"');
  expect(JSON.parse(activity.sentMessages[0] ?? '')).toStrictEqual({
    type: 'connection_init',
    payload: { authorization, headers: { authorization } },
  });
});

test('the query plan of an operation is shown while its panel is open', async () => {
  await page.getByText('Query plan', { exact: true }).click();
  await openTab('Rules');
  await executeOperationInPage();
  await page.getByText('Fetch(service: "reports")').waitFor();
  await waitForResult('"totalCount"');
  expect(await getEditor('Result Window').textContent()).not.toContain('queryPlan');
});

test('errors of the response are shown', async () => {
  await writeOperation('{ rules(first: 0) { totalCount } }');
  await executeOperationInPage();
  await waitForResult('"code": "BAD_USER_INPUT"');
  const { errors } = await executeOperation(platform.url, '{ rules(first: 0) { totalCount } }');
  await waitForResult(errors?.[0]?.message ?? '-');
});

const getMessageType = (message: string) => (JSON.parse(message) as { type: string }).type;
