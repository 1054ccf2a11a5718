import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { executeOperation } from '../harness/graphql-clients.js';
import { SERVICES, startTestPlatform, type TestPlatform } from '../harness/test-platform.js';
import { buildExample, serveExample, type ExampleServer } from '../harness/example-page.js';

const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';

let platform: TestPlatform;
let browser: Browser;
/** Port, and so origin, of the built page. The gateway allows this origin. */
let builtPort: number;

beforeAll(async () => {
  builtPort = await freePort();
  [platform, browser] = await Promise.all([
    startTestPlatform({ env: { CORS_ORIGINS: `http://127.0.0.1:${builtPort}` } }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await platform.close();
});

let page: Page;
let activity: PageActivity;
beforeEach(async () => {
  page = await browser.newPage();
  activity = recordPageActivity(page);
});
afterEach(() => page.close());

const getRule = (name: string) =>
  page.getByRole('list', { name: /^Rules of/ }).getByText(name, { exact: true });
const createRule = async (userId: string, name: string) => {
  const input = { userId, name, opening: 'Shop door', maxOpenSeconds: 60 };
  expect((await executeOperation(platform.url, CREATE, { input })).errors).toBeUndefined();
};
const getService = (name: string, status: string) =>
  page.getByRole('listitem', { name }).getByText(status, { exact: true });

async function fillForm(fields: Readonly<Record<string, string>>) {
  const form = page.getByRole('form', { name: 'New rule' });
  for (const [label, value] of Object.entries(fields)) {
    await form.getByLabel(label, { exact: true }).fill(value);
  }
  await form.getByRole('button', { name: 'Create' }).click();
}

describe('the page of the development server', () => {
  let server: ExampleServer;
  beforeAll(async () => {
    server = await serveExample([], await freePort(), {
      GATEWAY_PORT: new URL(platform.url).port,
      DATA_DIR: platform.folder,
    });
  });
  afterAll(() => server.close());

  test('lists the rules of a user page by page, and those of another user', async () => {
    for (let index = 1; index <= 11; index++) await createRule('listed', `Rule ${index}`);
    await createRule('another', "Another's");
    await page.goto(`${server.url}?user=listed`);
    await getRule('Rule 11').waitFor();
    expect(await getRule('Rule 1').count()).toBe(0);
    await page.getByRole('button', { name: 'Show more' }).click();
    await getRule('Rule 1').waitFor();
    expect(await getRule('Rule 11').count()).toBe(1);

    await page.getByRole('textbox', { name: 'Rules of' }).fill('another');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await getRule("Another's").waitFor();
    expect(activity.errors).toStrictEqual([]);
  });

  test('shows a rule that it creates, and one that another client creates', async () => {
    await page.goto(`${server.url}?user=writer`);
    await page.getByText('None yet.').waitFor();
    await fillForm({ Name: 'By day', Opening: 'Shop door', 'Opens at': '08:00', 'Closes at': '18:00' });
    await getRule('By day').waitFor();
    await page.getByText('May be open 08:00 to 18:00').waitFor();
    // The form is cleared.
    expect(await page.getByLabel('Name').inputValue()).toBe('');
    await createRule('writer', 'By another client');
    await getRule('By another client').waitFor();
  });

  test('shows each fault at its field, and removes it after a valid input', async () => {
    await page.goto(`${server.url}?user=wrong`);
    await fillForm({ Name: '', Opening: 'Gate', 'Opens at': '08:00', 'Seconds open at most': '0' });
    const readFault = async (label: string) => {
      const input = page.getByLabel(label, { exact: true });
      await input.and(page.locator('[aria-invalid=true]')).waitFor();
      const id = (await input.getAttribute('aria-describedby')) ?? '-';
      return page.locator(`[id="${id}"]`).innerText();
    };
    expect(await readFault('Name')).toMatch(/empty/);
    expect(await readFault('Closes at')).toMatch(/together/);
    expect(await readFault('Seconds open at most')).toMatch(/604800/);
    expect(await page.getByLabel('Opening').getAttribute('aria-invalid')).toBe('false');

    await fillForm({ Name: 'Right', 'Closes at': '09:00', 'Seconds open at most': '' });
    await getRule('Right').waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(0);
  });

  test('shows live health: a killed service is DOWN, and UP after its restart', async () => {
    await page.goto(server.url);
    for (const name of SERVICES) await getService(name, 'UP').waitFor();
    await platform.stop('reports', 'SIGKILL');
    await getService('reports', 'DOWN').waitFor();
    await platform.start('reports');
    await getService('reports', 'UP').waitFor();
  });

  test('shows every service as UNKNOWN while the gateway hangs, and its status again afterwards', async () => {
    await page.goto(server.url);
    for (const name of SERVICES) await getService(name, 'UP').waitFor();
    // A suspended process keeps its connections open and answers nothing.
    platform.sendSignal('gateway', 'SIGSTOP');
    try {
      await page.getByRole('status').getByText('connection to the gateway is lost').waitFor();
      for (const name of SERVICES) await getService(name, 'UNKNOWN').waitFor();
    } finally {
      platform.sendSignal('gateway', 'SIGCONT');
    }
    for (const name of SERVICES) await getService(name, 'UP').waitFor();
    expect(await page.getByRole('status').count()).toBe(0);
  });

  test('shows that it has no connection while the gateway is down, and reconnects', async () => {
    await page.goto(server.url);
    await getService('reports', 'UP').waitFor();
    await platform.stop('gateway', 'SIGTERM');
    await page.getByRole('status').getByText('Connecting').waitFor();
    await platform.start('gateway');
    // The page has probably not reconnected yet, so it misses the event.
    await createRule('ana', 'Missed');
    await page.getByRole('status').waitFor({ state: 'detached' });
    await getRule('Missed').waitFor();
    await createRule('ana', 'Seen');
    await getRule('Seen').waitFor();
  });
});

test('the built page works on any server, with the endpoint of its build', async () => {
  const folder = temporaryFolder();
  await buildExample(folder.path, { VITE_GRAPHQL_URL: platform.url });
  const server = await serveExample(['preview', '--outDir', folder.path], builtPort, {
    DATA_DIR: platform.folder,
  });
  try {
    await page.goto(`${server.url}?user=built`);
    await getService('gateway', 'UP').waitFor();
    await fillForm({ Name: 'From the built page', Opening: 'Gate', 'Seconds open at most': '60' });
    await getRule('From the built page').waitFor();
    // GraphQL requests go directly to the gateway.
    const { origin } = new URL(platform.url);
    const graphqlUrls = activity.urls.filter((url) => new URL(url).pathname === '/graphql');
    expect(new Set(graphqlUrls.map((url) => new URL(url).origin.replace(/^ws/, 'http')))).toStrictEqual(
      new Set([origin]),
    );
    expect(activity.errors).toStrictEqual([]);
  } finally {
    await server.close();
    folder.remove();
  }
});
