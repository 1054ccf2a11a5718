import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, recordPageActivity, type PageActivity } from '../harness/browser.js';
import { executeOperation } from '../harness/graphql-clients.js';
import { SERVICES, startTestPlatform, type TestPlatform } from '../harness/test-platform.js';
import { buildExample, serveExample, type ExampleServer } from '../harness/example-page.js';

const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';
const UPDATE = 'mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id } } }';
const DAY_MS = 86_400_000;
/** The page asks for exceptions every 30 s in any case. */
const SOONER_THAN_POLL = { timeout: 20_000 };

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
/** @returns the id of the rule */
const createRule = async (userId: string, name: string): Promise<string> => {
  const input = { userId, name, opening: 'Shop door', maxOpenSeconds: 60 };
  const { data, errors } = await executeOperation(platform.url, CREATE, { input });
  expect(errors).toBeUndefined();
  return (data as { createRule: { rule: { id: string } } }).createRule.rule.id;
};
const getService = (name: string, status: string) =>
  page.getByRole('listitem', { name }).getByText(status, { exact: true });

type FieldValues = Readonly<Record<string, string>>;

const getForm = (name: string) => page.getByRole('form', { name });
async function fillFields(part: Locator, fields: FieldValues) {
  for (const [label, value] of Object.entries(fields)) {
    await part.getByLabel(label, { exact: true }).fill(value);
  }
}
const createOnPage = (form: Locator) => form.getByRole('button', { name: 'Create', exact: true }).click();
async function createRuleOnPage(fields: FieldValues) {
  await fillFields(getForm('New rule'), fields);
  await createOnPage(getForm('New rule'));
}

const getWindow = (number: number) =>
  getForm('New rule').getByRole('group', { name: `Window ${number}`, exact: true });
async function addWindow(number: number, fields: FieldValues) {
  await getForm('New rule').getByRole('button', { name: 'Add window' }).click();
  await fillFields(getWindow(number), fields);
}

/** Waits until a field has a fault, and returns the text that describes the field. */
async function readFault(part: Locator, label: string): Promise<string> {
  const input = part.getByLabel(label, { exact: true });
  await input.and(page.locator('[aria-invalid=true]')).waitFor();
  const id = (await input.getAttribute('aria-describedby')) ?? '-';
  return page.locator(`[id="${id}"]`).innerText();
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
    await addWindow(1, { From: '08:00', To: '18:00' });
    await createRuleOnPage({ Name: 'By day', Opening: 'Shop door' });
    await getRule('By day').waitFor();
    await page.getByText('May be open 08:00 to 18:00').waitFor();
    // The form is cleared.
    await expect.poll(() => getForm('New rule').getByLabel('Name').inputValue()).toBe('');
    await expect.poll(() => getWindow(1).count()).toBe(0);
    await createRule('writer', 'By another client');
    await getRule('By another client').waitFor();
  });

  test('follows changes of every condition of a rule', async () => {
    const ruleId = await createRule('changed', 'Changed');
    await page.goto(`${server.url}?user=changed`);
    await page.getByText('May be open at any time, at most 60 s at a time').waitFor();
    const WORKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'];
    const input = {
      id: ruleId,
      windows: [
        { days: WORKDAYS, opensAt: '09:00', closesAt: '13:00', openBy: '09:30' },
        { opensAt: '16:00', closesAt: '20:00' },
      ],
      graceSeconds: 30,
      silentAfterSeconds: 3_600,
      onTamper: true,
      onBatteryLow: true,
      activeWindows: [{ days: WORKDAYS, opensAt: '06:00', closesAt: '22:00' }],
    };
    expect((await executeOperation(platform.url, UPDATE, { input })).errors).toBeUndefined();
    await page
      .getByText(
        'May be open Mon–Fri 09:00 to 13:00 (opened by 09:30) and 16:00 to 20:00, 30 s of grace, at most 60 s at a time. ' +
          'Alarm after 3600 s without a reading, on tampering, on a low battery. In force Mon–Fri 06:00 to 22:00',
      )
      .waitFor();
  });

  test('creates a rule with two windows and a calendar of holidays', async () => {
    await page.goto(`${server.url}?user=shop`);
    await page.getByText('None yet.').waitFor();
    const calendarForm = getForm('New calendar of holidays');
    await fillFields(calendarForm, { Name: 'Holidays', 'Country (CO, ES, …)': 'Atlantis', Year: '2027' });
    await createOnPage(calendarForm);
    expect(await readFault(calendarForm, 'Country (CO, ES, …)')).toMatch(/ISO 3166/);
    await fillFields(calendarForm, { 'Country (CO, ES, …)': 'ES' });
    await createOnPage(calendarForm);

    const form = getForm('New rule');
    await form.getByLabel('Calendar').selectOption({ label: 'Holidays' }, SOONER_THAN_POLL);
    await addWindow(1, { From: '09:00', To: '13:00', 'Opened by': '09:30' });
    await addWindow(2, { From: '11:00', To: '12:00' });
    await addWindow(3, { From: '16:00', To: '20:00', 'Opened by': '15:00' });
    for (const day of ['Sat', 'Sun']) await getWindow(3).getByLabel(day).uncheck();
    await createRuleOnPage({ Name: 'Siesta', Opening: 'Shop door' });
    expect(await readFault(getWindow(3), 'Opened by')).toMatch(/from opensAt \(16:00\)/);
    expect(await getWindow(1).getByLabel('Opened by').getAttribute('aria-invalid')).toBe('false');

    // The windows below it move up with their values, and without their faults. The focus stays in the form.
    await page.getByRole('button', { name: 'Remove window 2' }).press('Enter');
    await expect.poll(() => page.locator(':focus').innerText()).toBe('Add window');
    await expect.poll(() => page.locator('[aria-invalid=true]').count()).toBe(0);
    await fillFields(getWindow(2), { 'Opened by': '' });
    await createOnPage(form);
    await page
      .getByText(
        'May be open 09:00 to 13:00 (opened by 09:30) and Mon–Fri 16:00 to 20:00, calendar Holidays',
        { exact: true },
      )
      .waitFor();

    const query = '{ user(id: "shop") { calendars { dates { date windows { opensAt } } } } }';
    expect((await executeOperation(platform.url, query)).data).toMatchObject({
      user: {
        calendars: [{ dates: expect.arrayContaining([{ date: '2027-12-25', windows: [] }]) as unknown }],
      },
    });
  });

  test('allows an opening until a time, and cancels it', async () => {
    await page.goto(`${server.url}?user=stocktaker`);
    const form = getForm('Tonight until …');
    await fillFields(form, { 'Opening (empty: all)': 'Back door', Until: '2001-01-01T23:00' });
    await form.getByRole('button', { name: 'Start now' }).click();
    expect(await readFault(form, 'Until')).toMatch(/in the future/);
    expect(await readFault(form, 'Reason')).toMatch(/empty/);

    const until = new Date(Date.now() + DAY_MS).toISOString().slice(0, 16);
    await fillFields(form, { Until: until, Reason: 'Stock-taking' });
    await form.getByRole('button', { name: 'Start now' }).click();
    const exception = page.getByRole('list', { name: 'Exceptions now' }).getByRole('listitem');
    await exception
      .filter({ hasText: /^Back door may be open until .*Stock-taking/s })
      .waitFor(SOONER_THAN_POLL);
    await page.reload();
    await exception.getByRole('button', { name: /^Cancel: Back door/ }).press('Enter');
    await exception.waitFor({ state: 'detached', ...SOONER_THAN_POLL });
    await page.getByText('None.', { exact: true }).waitFor();

    const query = '{ user(id: "stocktaker") { exceptions { effect cancelledAt } } }';
    expect((await executeOperation(platform.url, query)).data).toMatchObject({
      user: { exceptions: [{ effect: 'ALLOW', cancelledAt: expect.any(String) as string }] },
    });
    expect(activity.errors).toStrictEqual([]);
  });

  test('shows each fault at its field, and removes it after a valid input', async () => {
    await page.goto(`${server.url}?user=wrong`);
    const form = getForm('New rule');
    await addWindow(1, { From: '08:00' });
    await createRuleOnPage({
      Opening: 'Gate',
      'Seconds of grace': '3601',
      'Seconds open at most': '0',
      'Seconds without a reading at most': '59',
    });
    expect(await readFault(form, 'Name')).toMatch(/empty/);
    expect(await readFault(getWindow(1), 'To')).toMatch(/like 08:00/);
    expect(await readFault(form, 'Seconds of grace')).toMatch(/3600/);
    expect(await readFault(form, 'Seconds open at most')).toMatch(/604800/);
    expect(await readFault(form, 'Seconds without a reading at most')).toMatch(/2592000/);
    expect(await form.getByLabel('Opening', { exact: true }).getAttribute('aria-invalid')).toBe('false');

    await fillFields(getWindow(1), { To: '09:00' });
    await createRuleOnPage({
      Name: 'Right',
      'Seconds of grace': '',
      'Seconds open at most': '',
      'Seconds without a reading at most': '',
    });
    await getRule('Right').waitFor();
    await expect.poll(() => page.locator('[aria-invalid=true]').count()).toBe(0);
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
    await expect.poll(() => page.getByRole('status').count()).toBe(0);
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
    await createRuleOnPage({ Name: 'From the built page', Opening: 'Gate', 'Seconds open at most': '60' });
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
