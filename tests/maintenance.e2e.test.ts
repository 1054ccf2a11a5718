import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collect, socketClient } from './harness/clients.js';
import { startPlatform, type Platform } from './harness/platform.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

interface Health {
  readonly heartbeat: { readonly name: string; readonly status: string; readonly reason: string };
}

let platform: Platform;
let client: ReturnType<typeof socketClient>;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());
beforeEach(() => void (client = socketClient(platform.socketUrl)));
afterEach(() => client.dispose());

/** `npm run maintenance`, of the platform or of another port. */
async function maintenance(args: readonly string[], port = new URL(platform.origin('heartbeat')).port) {
  const tool = spawn(process.execPath, ['scripts/maintenance.mjs', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', HEARTBEAT_PORT: port, DATA_DIR: platform.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(tool, 'close');
  const written = { out: '', err: '' };
  tool.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text));
  tool.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text));
  const [code] = (await ended) as [number];
  return { code, ...written };
}

describe('npm run maintenance', () => {
  it('takes a service out for all who watch, over a restart of the monitor, and back', async () => {
    const health = collect<Health>(
      client,
      'subscription { heartbeat(services: ["reports"]) { name status reason } }',
    );
    const becomes = (status: string) => {
      const before = new Set(health.values);
      return health.first((value) => !before.has(value) && value.data?.heartbeat.status === status);
    };
    await health.first(({ data }) => data?.heartbeat.status === 'UP');
    const out = becomes('MAINTENANCE');
    const on = await maintenance(['reports', 'on', '--reason', 'new disk', '--until', '2h']);
    expect(on).toStrictEqual({
      code: 0,
      err: '',
      out: expect.stringMatching(
        new RegExp(`^reports is in maintenance since ${TIME}, until ${TIME}: new disk\n$`),
      ) as unknown,
    });
    expect((await out).data?.heartbeat.reason).toMatch(new RegExp(`^maintenance until ${TIME}: new disk$`));

    await platform.end('heartbeat', 'SIGKILL');
    await becomes('UNKNOWN');
    const again = becomes('MAINTENANCE');
    await platform.start('heartbeat');
    await again;
    expect(await maintenance([])).toMatchObject({ code: 0, out: on.out });

    const back = becomes('UP');
    expect(await maintenance(['reports', 'off'])).toMatchObject({
      code: 0,
      out: 'reports is no longer in maintenance.\n',
    });
    await back;
    expect(await maintenance([])).toMatchObject({ code: 0, out: 'Nothing is in maintenance.\n' });
  });

  it.each([
    [['nobody', 'on', '--reason', 'x'], /^There is no service nobody/],
    [['reports', 'off'], /^reports is not in maintenance\.\n$/],
    [['reports', 'on', '--reason', 'x', '--until', 'soon'], /^until must be a time with an offset/],
    [
      ['reports', 'on', '--reason', ' ', '--until', '401d'],
      /^reason must not be empty\. until must be at most 400/,
    ],
  ])('%j is refused: exit code 1, and why', async (args, why) => {
    expect(await maintenance(args)).toStrictEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(why) as unknown,
    });
  });

  it.each([
    [['reports'], /2.* 1.*--help/],
    [['reports', 'on'], /^on needs --reason TEXT/],
    [['reports', 'up'], /^A service is taken on or off, not "up"/],
    [['reports', 'off', '--until', '2h'], /^off takes no --until/],
    [['reports', 'on', '--because', 'x'], /--because/],
  ])('%j is wrong usage: exit code 2, and what is wrong', async (args, why) => {
    expect(await maintenance(args)).toStrictEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(why) as unknown,
    });
  });

  it('without a monitor says so with exit code 2', async () => {
    const port = String(await freePort());
    expect(await maintenance([], port)).toStrictEqual({
      code: 2,
      out: '',
      err: `http://127.0.0.1:${port} does not answer (ECONNREFUSED): is it running? npm start starts it.\n`,
    });
  });

  it('--help says how', async () => {
    expect(await maintenance(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^npm run maintenance -- SERVICE on --reason TEXT/) as unknown,
    });
  });
});
