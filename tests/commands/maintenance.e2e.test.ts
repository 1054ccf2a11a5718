import { freePort } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type ScriptResult } from '../harness/script-process.js';
import { collectPayloads, createWebSocketClient } from '../harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from '../harness/test-platform.js';

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

interface Health {
  readonly heartbeat: { readonly name: string; readonly status: string; readonly reason: string };
}

let platform: TestPlatform;
let client: ReturnType<typeof createWebSocketClient>;
beforeAll(async () => void (platform = await startTestPlatform()));
afterAll(() => platform.close());
beforeEach(() => void (client = createWebSocketClient(platform.webSocketUrl)));
afterEach(() => client.dispose());

/** Runs `npm run maintenance` for the platform, or for another port of heartbeat. */
async function runMaintenance(
  args: readonly string[],
  port = new URL(platform.getOrigin('heartbeat')).port,
): Promise<ScriptResult> {
  const env = { HOST: '127.0.0.1', HEARTBEAT_PORT: port, DATA_DIR: platform.folder };
  return runCommand('maintenance', args, { env });
}

describe('npm run maintenance', () => {
  it('starts and ends maintenance, which continues after a restart of heartbeat', async () => {
    const health = collectPayloads<Health>(
      client,
      'subscription { heartbeat(services: ["reports"]) { name status reason } }',
    );
    const becomes = (status: string) => {
      const before = new Set(health.payloads);
      return health.waitFor((value) => !before.has(value) && value.data?.heartbeat.status === status);
    };
    await health.waitFor(({ data }) => data?.heartbeat.status === 'UP');
    const out = becomes('MAINTENANCE');
    const on = await runMaintenance(['reports', 'on', '--reason', 'new disk', '--until', '2h']);
    expect(on).toStrictEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(
        new RegExp(`^reports is in maintenance since ${TIME}, until ${TIME}: new disk\n$`),
      ) as unknown,
    });
    expect((await out).data?.heartbeat.reason).toMatch(new RegExp(`^maintenance until ${TIME}: new disk$`));

    await platform.stop('heartbeat', 'SIGKILL');
    await becomes('UNKNOWN');
    const again = becomes('MAINTENANCE');
    await platform.start('heartbeat');
    await again;
    expect(await runMaintenance([])).toMatchObject({ code: 0, stdout: on.stdout });

    const back = becomes('UP');
    expect(await runMaintenance(['reports', 'off'])).toMatchObject({
      code: 0,
      stdout: 'reports is no longer in maintenance.\n',
    });
    await back;
    expect(await runMaintenance([])).toMatchObject({ code: 0, stdout: 'No service is in maintenance.\n' });
  });

  it.each([
    [['nobody', 'on', '--reason', 'x'], /^There is no service nobody/],
    [['reports', 'off'], /^reports is not in maintenance\.\n$/],
    [['reports', 'on', '--reason', 'x', '--until', 'soon'], /^until must be a time with an offset/],
    [
      ['reports', 'on', '--reason', ' ', '--until', '401d'],
      /^reason must not be empty\. until must be at most 400/,
    ],
  ])('%j is refused with a reason and exit code 1', async (args, why) => {
    expect(await runMaintenance(args)).toStrictEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(why) as unknown,
    });
  });

  it.each([
    [['reports'], /^Say what to do with reports: on or off\. See npm run maintenance -- --help/],
    [['reports', 'on'], /^The action on needs --reason TEXT/],
    [['reports', 'up'], /^The action must be on or off \(it is "up"\)/],
    [['reports', 'off', '--until', '2h'], /^The action off takes no --until/],
    [
      ['reports', 'on', '--because', 'x'],
      /^maintenance has no option --because: it has --reason, --until\. See npm run maintenance -- --help/,
    ],
  ])('%j is wrong usage with a message and exit code 2', async (args, why) => {
    expect(await runMaintenance(args)).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(why) as unknown,
    });
  });

  it('fails with exit code 2 if heartbeat does not answer', async () => {
    const port = String(await freePort());
    expect(await runMaintenance([], port)).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: `http://127.0.0.1:${port} does not answer (ECONNREFUSED): start it with npm start.\n`,
    });
  });

  it('--help prints the usage', async () => {
    expect(await runMaintenance(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^npm run maintenance -- \[service\] \[action\] \[options\]/) as unknown,
    });
  });
});
