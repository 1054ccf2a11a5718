import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { getInstallationEnv } from './harness/script-process.js';
import { collectPayloads, createWebSocketClient, executeOperation } from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const SHIFT_CLOCK = new URL('harness/shift-clock.mjs', import.meta.url).href;
const PROJECT_FOLDER = new URL('..', import.meta.url);
const HOUR_MS = 3_600_000;
/** Each test starts four services and several commands. */
const TIMEOUT_MS = 180_000;
/** America/Bogota, the default zone of a rule, has no daylight saving time. */
const BOGOTA_OFFSET_HOURS = -5;

let platform: TestPlatform;
afterEach(() => platform.close());

const README_COMMANDS = [...README.matchAll(/^```sh\n(.*?)^```/gms)].map(([, commands = '']) => commands);
/** The first command issues a token. The last one closes the door; the reader subscribes to its alarms before. */
const [COMMANDS_BEFORE_CLOSING, CLOSING_COMMANDS] = [
  README_COMMANDS.slice(1, -1).join('\n'),
  README_COMMANDS.at(-1) ?? '',
];
const QUERY_COMMAND = README_COMMANDS.at(-2)?.split('\n\n').at(-1) ?? '';
const [, ALARM_SUBSCRIPTION = ''] = /^```graphql\n[^`]*^(subscription Alarms .*?)^```/ms.exec(README) ?? [];

/** Runs the shell commands of the README on the platform. */
async function runCommands(commands: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const script = commands.replaceAll('http://127.0.0.1:4000/graphql', platform.url);
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], {
    cwd: PROJECT_FOLDER,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...getInstallationEnv(platform),
      ...env,
    },
  });
  return stdout;
}

interface AlarmsResponse {
  data: {
    viewer: { openings: { state: string }[]; alarms: { nodes: { kind: string; status: string }[] } };
  };
}

/** The token that the first command of the README puts into the variable `A`, for the other commands. */
async function readAuthorization(env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const [authorizationCommand = ''] = README_COMMANDS;
  return { A: await runCommands(`${authorizationCommand}\nprintf %s "$A"`, env) };
}

describe.each([
  { hour: 3, kinds: ['OPEN_TOO_LONG', 'OUTSIDE_HOURS'] },
  { hour: 9, kinds: ['OPEN_TOO_LONG'] },
  // The next day in UTC.
  { hour: 22, kinds: ['OPEN_TOO_LONG', 'OUTSIDE_HOURS'] },
])('at $hour:30 in Bogota', ({ hour, kinds }) => {
  test(
    'the commands of the README raise an alarm',
    async () => {
      const now = new Date();
      const currentHour = now.getUTCHours() + now.getUTCMinutes() / 60 + BOGOTA_OFFSET_HOURS;
      const shiftMs = ((hour + 0.5 - currentHour + 48) % 24) * HOUR_MS;
      const clockEnv = {
        NODE_OPTIONS: `--import=${SHIFT_CLOCK}`,
        CLOCK_SHIFT_MS: String(Math.round(shiftMs)),
      };
      platform = await startTestPlatform({ env: clockEnv });
      const env = { ...clockEnv, ...(await readAuthorization(clockEnv)) };
      expect(await runCommands(COMMANDS_BEFORE_CLOSING, env)).not.toContain('"errors"');

      // The alarm is raised at once. The query may run before reports has received it.
      const expectAlarms = (state: string, status: string) =>
        eventually(async () => {
          const response = await runCommands(QUERY_COMMAND, env);
          const { openings, alarms } = (JSON.parse(response) as AlarmsResponse).data.viewer;
          expect(openings).toMatchObject([{ state }]);
          expect(alarms.nodes.map(({ kind }) => kind).sort()).toStrictEqual(kinds);
          expect(alarms.nodes.map((alarm) => alarm.status)).toStrictEqual(kinds.map(() => status));
        });
      await expectAlarms('OPEN', 'ACTIVE');
      expect(await runCommands(CLOSING_COMMANDS, env)).not.toContain('"errors"');
      await expectAlarms('CLOSED', 'CLEARED');
    },
    TIMEOUT_MS,
  );
});

interface AlarmChanged {
  alarmChanged: { kind: string; alarm: { opening: string; status: string } };
}

/** Raises alarms of another opening until a condition holds, for example until a subscription is active. */
async function raiseAlarmsUntil(condition: () => boolean): Promise<void> {
  const rule = { userId: 'bea', name: 'Other', opening: 'Other door', maxOpenSeconds: 1 };
  await executeOperation(
    platform.url,
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }',
    { input: { ...rule, effectiveFrom: '2026-01-01T00:00:00Z' } },
  );
  for (let minute = 0; !condition(); minute++) {
    const readings = ['OPEN', 'CLOSED'].map((state, index) => ({
      ...{ id: `${minute} ${state}`, opening: rule.opening, state },
      at: new Date(Date.UTC(2026, 0, 2, 0, minute, index * 30)).toISOString(),
    }));
    await executeOperation(
      platform.url,
      'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }',
      { input: { userId: rule.userId, readings } },
    );
  }
}

/** The operations of GraphiQL's tabs that are no subscriptions. */
async function readSampleOperations(): Promise<readonly string[]> {
  const html = await (await fetch(`${platform.getOrigin('gateway')}/graphiql`)).text();
  const settings: unknown = JSON.parse(/id="settings">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
  const { defaultTabs } = settings as { defaultTabs: readonly { query: string }[] };
  return defaultTabs.map(({ query }) => query).filter((query) => !query.includes('subscription'));
}

test(
  'the alarms of the README arrive as CLEARED in a subscription that starts after them, and the samples of GraphiQL work',
  async () => {
    platform = await startTestPlatform();
    const env = await readAuthorization({});
    await runCommands(COMMANDS_BEFORE_CLOSING, env);
    const client = createWebSocketClient(platform.webSocketUrl);
    const alarms = collectPayloads<AlarmChanged>(client, ALARM_SUBSCRIPTION);
    await raiseAlarmsUntil(() => alarms.payloads.length > 0);
    await runCommands(CLOSING_COMMANDS, env);
    const isOfShopDoor = ({ data }: { data?: AlarmChanged | null | undefined }) =>
      data?.alarmChanged.alarm.opening === 'Shop door';
    expect((await alarms.waitFor(isOfShopDoor)).data?.alarmChanged).toMatchObject({
      kind: 'CLEARED',
      alarm: { status: 'CLEARED' },
    });
    await client.dispose();

    const operations = await readSampleOperations();
    expect(operations).toHaveLength(2);
    for (const query of operations) {
      expect((await executeOperation(platform.url, query)).errors).toBeUndefined();
    }
  },
  TIMEOUT_MS,
);
