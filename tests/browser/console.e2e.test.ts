import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBarriers } from '../harness/axe.js';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { executeOperation } from '../harness/graphql-clients.js';
import { createSignInLink } from '../harness/sign-in-link.js';
import { SERVICES, startTestPlatform, type TestPlatform } from '../harness/test-platform.js';

const ANA = { id: 'ana', role: 'customer' } as const;
const RECORD =
  'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted refused { message } } }';
const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';

let platform: TestPlatform;
let browser: Browser;
beforeAll(async () => {
  [platform, browser] = await Promise.all([startTestPlatform(), launchBrowser()]);
  const input = { userId: ANA.id, name: 'Never', opening: 'Shop door', windows: [], maxOpenSeconds: 60 };
  expect((await executeOperation(platform.url, CREATE, { input })).errors).toBeUndefined();
  await recordReading('CLOSED', 60_000);
});
afterAll(async () => {
  await browser.close();
  await platform.close();
});

async function recordReading(state: 'OPEN' | 'CLOSED', agoMs = 0) {
  const at = new Date(Date.now() - agoMs).toISOString();
  const input = { userId: ANA.id, readings: [{ id: `${state} ${at}`, opening: 'Shop door', state, at }] };
  expect((await executeOperation(platform.url, RECORD, { input })).data).toMatchObject({
    recordReadings: { accepted: 1 },
  });
}

let context: BrowserContext;
let page: Page;
let activity: PageActivity;
beforeEach(async () => {
  context = await browser.newContext({ locale: 'en-GB', timezoneId: 'America/Bogota' });
  page = await context.newPage();
  activity = recordPageActivity(page);
});
afterEach(() => context.close());

const getCard = (name: string) => page.getByRole('article', { name, exact: true });
const waitForStatus = (name: string, status: string) =>
  getCard(name).getByText(status, { exact: true }).waitFor();

test('an operator signs in with a link, and sees live how a service stops and comes back', async () => {
  await page.goto(await createSignInLink(platform));
  await page.waitForURL('**/services');
  for (const name of SERVICES) await waitForStatus(name, 'Up');
  await platform.stop('reports', 'SIGKILL');
  await waitForStatus('reports', 'Down');
  await page.getByText('1 of 4 services has a problem.').waitFor();
  await page.getByRole('row', { name: /^reports Down/ }).waitFor();
  await platform.start('reports');
  await waitForStatus('reports', 'Up');
  // Among others, nothing is blocked by the Content-Security-Policy.
  expect(activity.errors).toStrictEqual([]);
});

test('a customer sees live how a door is opened', async () => {
  await page.goto(await createSignInLink(platform, ANA));
  await page.waitForURL('**/openings');
  await waitForStatus('Shop door', 'Closed');
  await recordReading('OPEN');
  await waitForStatus('Shop door', 'Open');
  await page.goto(`${platform.getOrigin('gateway')}/services`);
  await page.getByRole('heading', { name: 'Your account cannot see this page' }).waitFor();
  expect(activity.errors).toStrictEqual([]);
});

test('while the gateway is away, the page says how old its data is, and goes on afterwards', async () => {
  await page.goto(await createSignInLink(platform));
  await waitForStatus('gateway', 'Up');
  const header = page.getByRole('banner');
  await header.getByText('Live', { exact: true }).waitFor();
  await platform.stop('gateway', 'SIGTERM');
  await header.getByText('Live connection lost').waitFor();
  await header.getByText(/\d+ sec old/).waitFor();
  await platform.start('gateway');
  await header.getByText('Live', { exact: true }).waitFor();
  await waitForStatus('gateway', 'Up');
});

test('the menu of the account changes the language, and signs out', async () => {
  await page.goto(await createSignInLink(platform));
  await waitForStatus('gateway', 'Up');
  const openMenu = (name: string) => page.getByRole('button', { name }).press('Enter');
  await openMenu('Account: operator');
  await page.getByRole('menuitemradio', { name: 'Español' }).click();
  await page.getByRole('heading', { level: 1, name: 'Servicios' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Servicios' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('es');
  await openMenu('Cuenta: operator');
  await page.getByRole('menuitem', { name: 'Cerrar sesión' }).press('Enter');
  await page.getByText('No ha iniciado sesión.').waitFor();
  expect(await context.cookies()).toStrictEqual([]);
  expect(activity.errors).toStrictEqual([]);
});

test('the page shows that its session has ended', async () => {
  await page.goto(await createSignInLink(platform, ANA));
  await getCard('Shop door').waitFor();
  await context.clearCookies();
  // The change of an alarm arrives on the open socket. The page then asks for the openings.
  await recordReading('CLOSED');
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
});

describe.each([
  ['services', undefined],
  ['openings', ANA],
] as const)('the screen %s', (path, caller) => {
  test('has no barriers in any language, theme and width', async () => {
    // The script that looks for barriers is not one of the page.
    const open = await browser.newContext({ bypassCSP: true, locale: 'en-GB' });
    page = await open.newPage();
    await page.goto(await createSignInLink(platform, caller));
    await page.waitForURL(`**/${path}`);
    const found: string[] = [];
    for (const language of ['en', 'es']) {
      await page.evaluate(`localStorage.setItem('console-language', '${language}')`);
      await page.reload();
      await page.getByRole('article').first().waitFor();
      // The menus are loaded last.
      await page.getByRole('banner').getByRole('button').nth(1).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [320, 1_440]) {
          await page.setViewportSize({ width, height: 900 });
          const barriers = await findBarriers(page);
          found.push(...barriers.map((barrier) => `${language} ${colorScheme} ${width}: ${barrier}`));
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        }
      }
    }
    expect(found).toStrictEqual([]);
    await open.close();
  });
});

test('the scripts that a screen needs have at most 200 KB, compressed', () => {
  const folder = new URL('../../apps/console/dist/', import.meta.url);
  const readAsset = (name: string) => readFileSync(new URL(`assets/${name}`, folder), 'utf8');
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const lazyNames = readdirSync(new URL('assets', folder)).filter((name) =>
    /^(?:services-screen|es)-.*\.js$/.test(name),
  );
  expect(lazyNames).toHaveLength(2);
  const pending = [...[...html.matchAll(/assets\/([\w.-]+\.js)/g)].map(([, name]) => name!), ...lazyNames];
  const needed = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const imports = readAsset(name).matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g);
    pending.push(...[...imports].map(([, imported]) => imported!));
  }
  expect(needed.size).toBeGreaterThan(4);
  const bytes = [...needed].reduce((sum, name) => sum + gzipSync(readAsset(name)).length, 0);
  expect(bytes).toBeLessThanOrEqual(200_000);
});
