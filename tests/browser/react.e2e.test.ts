import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, watch, type Watched } from '../harness/browser.js';
import { ask } from '../harness/clients.js';
import { SERVICES, startPlatform, type Platform } from '../harness/platform.js';
import { buildExample, serveExample, type ViteServer } from '../harness/vite.js';

const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';

let platform: Platform;
let browser: Browser;
/** Of the built page, which calls the gateway from an origin of its own. */
let builtPort: number;

beforeAll(async () => {
  builtPort = await freePort();
  [platform, browser] = await Promise.all([
    startPlatform({ env: { CORS_ORIGINS: `http://127.0.0.1:${builtPort}` } }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await platform.close();
});

let page: Page;
let watched: Watched;
beforeEach(async () => {
  page = await browser.newPage();
  watched = watch(page);
});
afterEach(() => page.close());

const rule = (name: string) => page.getByRole('list', { name: /^Rules of/ }).getByText(name, { exact: true });
const create = async (userId: string, name: string) => {
  const input = { userId, name, opening: 'Shop door', maxOpenSeconds: 60 };
  expect((await ask(platform.url, CREATE, { input })).errors).toBeUndefined();
};
const service = (name: string, status: string) =>
  page.getByRole('listitem', { name }).getByText(status, { exact: true });

async function fill(fields: Readonly<Record<string, string>>) {
  const form = page.getByRole('form', { name: 'New rule' });
  for (const [label, value] of Object.entries(fields)) {
    await form.getByLabel(label, { exact: true }).fill(value);
  }
  await form.getByRole('button', { name: 'Create' }).click();
}

describe('the page of the development server', () => {
  let vite: ViteServer;
  beforeAll(async () => {
    vite = await serveExample([], await freePort(), {
      GATEWAY_PORT: new URL(platform.url).port,
      DATA_DIR: platform.folder,
    });
  });
  afterAll(() => vite.close());

  test('lists the rules of a user, page by page, and those of another when asked', async () => {
    for (let index = 1; index <= 11; index++) await create('listed', `Rule ${index}`);
    await create('another', "Another's");
    await page.goto(`${vite.url}?user=listed`);
    await rule('Rule 11').waitFor();
    expect(await rule('Rule 1').count()).toBe(0);
    await page.getByRole('button', { name: 'Show more' }).click();
    await rule('Rule 1').waitFor();
    expect(await rule('Rule 11').count()).toBe(1);

    await page.getByRole('textbox', { name: 'Rules of' }).fill('another');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await rule("Another's").waitFor();
    expect(watched.errors).toStrictEqual([]);
  });

  test('creates a rule, which appears, as does one that somebody else creates', async () => {
    await page.goto(`${vite.url}?user=writer`);
    await page.getByText('None yet.').waitFor();
    await fill({ Name: 'By day', Opening: 'Shop door', 'Opens at': '08:00', 'Closes at': '18:00' });
    await rule('By day').waitFor();
    await page.getByText('May be open 08:00 to 18:00').waitFor();
    // The form is empty again.
    expect(await page.getByLabel('Name').inputValue()).toBe('');
    await create('writer', 'By somebody else');
    await rule('By somebody else').waitFor();
  });

  test('shows what is wrong at the field that it is about, and takes it away once it is right', async () => {
    await page.goto(`${vite.url}?user=wrong`);
    await fill({ Name: '', Opening: 'Gate', 'Opens at': '08:00', 'Seconds open at most': '0' });
    const faultOf = async (label: string) => {
      const input = page.getByLabel(label, { exact: true });
      await input.and(page.locator('[aria-invalid=true]')).waitFor();
      const id = (await input.getAttribute('aria-describedby')) ?? '-';
      return page.locator(`[id="${id}"]`).innerText();
    };
    expect(await faultOf('Name')).toMatch(/empty/);
    expect(await faultOf('Closes at')).toMatch(/together/);
    expect(await faultOf('Seconds open at most')).toMatch(/604800/);
    expect(await page.getByLabel('Opening').getAttribute('aria-invalid')).toBe('false');

    await fill({ Name: 'Right', 'Closes at': '09:00', 'Seconds open at most': '' });
    await rule('Right').waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(0);
  });

  test('shows live health: a service that is killed goes LATE, then DOWN, and is UP when it is back', async () => {
    await page.goto(vite.url);
    for (const name of SERVICES) await service(name, 'UP').waitFor();
    // Both are awaited from before: LATE lasts three beats.
    const seen = Promise.all([service('reports', 'LATE').waitFor(), service('reports', 'DOWN').waitFor()]);
    await platform.end('reports', 'SIGKILL');
    await seen;
    await platform.start('reports');
    await service('reports', 'UP').waitFor();
  });

  test('says that it is out of touch while the gateway is away, and comes back by itself', async () => {
    await page.goto(vite.url);
    await service('reports', 'UP').waitFor();
    await platform.end('gateway', 'SIGTERM');
    await page.getByRole('status').getByText('Connecting').waitFor();
    await platform.start('gateway');
    // Before the page is back, most likely: then nobody tells it.
    await create('ana', 'Missed');
    await page.getByRole('status').waitFor({ state: 'detached' });
    await rule('Missed').waitFor();
    await create('ana', 'Seen');
    await rule('Seen').waitFor();
  });
});

test('the built page works from any server, with the endpoint that it was built for', async () => {
  const folder = temporaryFolder();
  await buildExample(folder.path, { VITE_GRAPHQL_URL: platform.url });
  const server = await serveExample(['preview', '--outDir', folder.path], builtPort, {
    DATA_DIR: platform.folder,
  });
  try {
    await page.goto(`${server.url}?user=built`);
    await service('gateway', 'UP').waitFor();
    await fill({ Name: 'From the built page', Opening: 'Gate', 'Seconds open at most': '60' });
    await rule('From the built page').waitFor();
    // What is no file of the page goes to the gateway itself.
    const { origin } = new URL(platform.url);
    const asked = watched.urls.filter((url) => new URL(url).pathname === '/graphql');
    expect(new Set(asked.map((url) => new URL(url).origin.replace(/^ws/, 'http')))).toStrictEqual(
      new Set([origin]),
    );
    expect(watched.errors).toStrictEqual([]);
  } finally {
    await server.close();
    folder.remove();
  }
});
