import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canInstallPackages, findOnPath, findRedisProgram, stopOrphanedRedis } from '@seguridad-abc/cli';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { eventually, freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClientLoad } from '../harness/client-load.js';
import {
  findServicePorts,
  runCommand,
  startProgram,
  startScript,
  stopScripts,
  type ScriptProcess,
  type ServicePorts,
} from '../harness/script-process.js';

/** Includes a build. */
const START_TIMEOUT_MS = 240_000;
const READY = /Ready in [\d.]+ s\./;
const folder = temporaryFolder();
const dataDir = join(folder.path, 'data');
let ports: ServicePorts;
let running: ScriptProcess;

beforeAll(async () => {
  ports = await findServicePorts();
  running = startInstallation(env());
  await running.waitForOutput(READY);
}, START_TIMEOUT_MS);
afterAll(async () => {
  await stopScripts();
  await stopOrphanedRedis(join(dataDir, 'redis'));
  folder.remove();
});

/** A busy machine may take longer to replace a service, and a test must not wait long for the watchdog. */
const env = () => ({ ...ports, DATA_DIR: dataDir, SUBGRAPH_WAIT_MS: '60000', WATCHDOG_TIMEOUT_MS: '5000' });

const startInstallation = (env: Readonly<Record<string, string>>) =>
  startScript(['scripts/cli.mjs', 'start'], { env });

const readRedisPid = () => Number(readFileSync(join(dataDir, 'redis', 'redis.pid'), 'utf8'));

async function isListening(port: string): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
const getListening = () => Promise.all(Object.values(ports).map(isListening));

/** Runs printed commands in the folder of the project. */
async function runPrinted(commands: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-euc', commands], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir, ...ports },
  });
  return stdout;
}

test('prints the addresses, examples that work, and how to stop', async () => {
  const url = `http://127.0.0.1:${ports.GATEWAY_PORT}/graphql`;
  expect(running.getOutput()).toContain(url);
  expect(running.getOutput()).toContain(url.replace('http', 'ws'));
  expect(running.getOutput()).toContain(`Time zone data: ${process.versions['tz'] ?? ''}.`);
  expect(running.getOutput()).toContain('Press Ctrl-C to stop.');

  const [, authorize = ''] = /^ {2}(A=.*)$/m.exec(running.getOutput()) ?? [];
  const requests = [...running.getOutput().matchAll(/^ {2}(curl .*)$/gm)].map(([, command = '']) => command);
  expect(requests).toHaveLength(2);
  const send = async (command = ''): Promise<unknown> =>
    JSON.parse(await runPrinted(`${authorize}\n${command}`));
  const created = { data: { createRule: { rule: { version: 1 } } } };
  expect(await send(requests[0])).toMatchObject(created);
  const read = { data: { viewer: { rules: { totalCount: 1, nodes: [{ name: 'Shop door by day' }] } } } };
  await eventually(async () => expect(await send(requests[1])).toMatchObject(read));
});

/** Signs in as the page of a sign-in link does. Returns the status and the cookie. */
async function openLink(link: string) {
  const { origin, pathname, hash } = new URL(link);
  expect([origin, pathname]).toEqual([`http://127.0.0.1:${ports.GATEWAY_PORT}`, '/sign-in']);
  const response = await fetch(`${origin}/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ code: hash.replace('#code=', '') }),
  });
  return { status: response.status, cookie: response.headers.get('set-cookie') ?? '' };
}

test('prints a link that signs a browser in once, and npm run sign-in prints another', async () => {
  const [, printed = ''] = /^ {2}(http:\S+#code=\S+)$/m.exec(running.getOutput()) ?? [];
  const fresh = (await runPrinted('npm run -s sign-in')).trim();
  expect(fresh).not.toBe(printed);
  for (const link of [printed, fresh]) {
    expect(await openLink(link)).toMatchObject({
      status: 204,
      cookie: expect.stringContaining('eyJ') as string,
    });
    expect(await openLink(link)).toEqual({ status: 403, cookie: '' });
  }
});

test('terminal, pages and answers contain neither a token nor a secret', async () => {
  const secrets = ['installation-secret', 'issuer-key.pem', 'redis/password'].map((file) =>
    readFileSync(join(dataDir, file), 'utf8').trim(),
  );
  const origin = `http://127.0.0.1:${ports.GATEWAY_PORT}`;
  const paths = [
    '/',
    '/graphiql',
    '/graphql',
    '/sign-in',
    '/sign-in/session',
    '/status.json',
    '/ready',
    '/metrics',
  ];
  const pages = paths.map(async (path) => {
    const response = await fetch(`${origin}${path}`, { headers: { accept: 'text/html' } });
    return JSON.stringify([...response.headers]) + (await response.text());
  });
  // These errors quote what a client sends.
  const token = await runPrinted('npm run -s token -- --user ana --role customer');
  const failed = [`Bearer ${token.trim()}x`, token.trim()].map(async (authorization) => {
    const headers = { 'content-type': 'application/json', authorization };
    return (await fetch(`${origin}/graphql`, { method: 'POST', headers, body: '{"query":"{' })).text();
  });
  const status = runPrinted('npm run -s status').catch(String);
  for (const text of [...(await Promise.all([...pages, ...failed])), await status, running.getOutput()]) {
    expect(text).not.toMatch(/eyJ[\w-]{10}/);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
});

test('prints the ports and process ids of all services when they are up', () => {
  const [beforeReady = '', afterReady = ''] = running.getOutput().split(READY);
  expect(beforeReady.match(/"subject":"\w+","from":"UNKNOWN","to":"UP"/g)).toHaveLength(4);
  for (const [setting, port] of Object.entries(ports)) {
    const name = setting.replace('_PORT', '').toLowerCase();
    expect(afterReady).toMatch(new RegExp(`^ {2}${name} +port ${port} +pid \\d+$`, 'm'));
  }
});

test('every service is ready', async () => {
  const answers = Object.values(ports).map((port) => fetch(`http://127.0.0.1:${port}/ready`));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('commands find the installation, whose ports are only in the environment of its start', async () => {
  const { code, stdout } = await runCommand('status', ['--json'], { env: { DATA_DIR: dataDir } });
  expect(JSON.parse(stdout)).toMatchObject({
    gateway: `http://127.0.0.1:${ports.GATEWAY_PORT}/graphql`,
    processes: Object.values(ports).map(() => ({ ready: true })),
  });
  expect(code).toBe(0);
});

test('a service that ends is named and restarted', async () => {
  const [, pid] = (await running.waitForOutput(/kill -STOP (\d+)/)) as unknown as [string, string];
  process.kill(Number(pid), 'SIGKILL');
  await running.waitForOutput(/^reports ended with signal SIGKILL; it restarts in 0\.5 s\.$/m);
  await running.waitForOutput(/^reports is ready again \(pid \d+\)\.$/m);
});

test('a local Redis that ends is named and restarted on the same port', async () => {
  const before = readRedisPid();
  process.kill(before, 'SIGKILL');
  await running.waitForOutput(/^redis ended with signal SIGKILL; it restarts in/m);
  await running.waitForOutput(/^redis is ready again/m);
  expect(readRedisPid()).not.toBe(before);
});

test('Valkey works as well as Redis', async () => {
  // Stands in for Valkey, which has the same options and protocol.
  const programs = temporaryFolder();
  symlinkSync(findRedisProgram()!, join(programs.path, 'valkey-server'));
  const valkeyData = join(folder.path, 'valkey');
  const other = startInstallation({
    ...(await findServicePorts()),
    DATA_DIR: valkeyData,
    PATH: programs.path,
  });
  await other.waitForOutput(READY);
  other.child.kill('SIGINT');
  expect(await other.exitCode).toBe(0);
  programs.remove();
});

describe('the start fails with one message and exit code 1', () => {
  /** Starts an installation that must fail. By default it has free ports and another data folder. */
  async function getStartFailure(env: Readonly<Record<string, string>>): Promise<string> {
    const attempt = startInstallation({
      ...(await findServicePorts()),
      DATA_DIR: join(folder.path, 'other'),
      ...env,
    });
    expect(await attempt.exitCode, attempt.getOutput()).toBe(1);
    // A slow machine shows its progress.
    return attempt
      .getOutput()
      .replaceAll(/^(Checking .*|Building .*|Built .*|Connecting .*|Starting .*| {2}\d+ s: .*)\n/gm, '');
  }

  test.each([
    ['the same ports', () => ports],
    ['other ports', findServicePorts],
  ])('if this installation already runs, and %s are set', async (_, getPorts) => {
    const message =
      `This installation already runs (pid ${running.child.pid!}): http://127.0.0.1:${ports.GATEWAY_PORT}. ` +
      'Stop it with Ctrl-C in its terminal.\n';
    expect(await getStartFailure({ ...(await getPorts()), DATA_DIR: dataDir })).toBe(message);
  });

  test('if a port is in use: who holds it, and a free port', async () => {
    const port = ports.REPORTS_PORT;
    const [, pid = ''] = /^reports is ready again \(pid (\d+)\)/m.exec(running.getOutput()) ?? [];
    expect(await getStartFailure({ HEARTBEAT_PORT: port })).toMatch(
      new RegExp(
        `^Port ${port} on 127\\.0\\.0\\.1 \\(HEARTBEAT_PORT\\) is in use by \\S+ \\(pid ${pid}\\)\\.\n` +
          'Stop what uses these ports, or set free ones in the file \\.env, which all commands read:\n' +
          'HEARTBEAT_PORT=\\d+\n$',
      ),
    );
  });

  /** Starts an installation at a terminal, at which a person answers the first question. */
  const startAtTerminal = (env: Readonly<Record<string, string>>, path: string, answer: string) =>
    startProgram(
      'python3',
      ['tests/harness/answer-at-terminal.py', answer, path, process.execPath, 'scripts/cli.mjs', 'start'],
      { env: { DATA_DIR: join(folder.path, 'other'), ...env } },
    );

  test.skipIf(!canInstallPackages()).each([
    ['no', 'n\n'],
    ['Ctrl-D', '\u0004'],
  ])('if there is no Redis and a person at the terminal answers %s', async (_name, answer) => {
    const programs = temporaryFolder();
    symlinkSync(findOnPath(['apt-get'])!, join(programs.path, 'apt-get'));
    const attempt = startAtTerminal(await findServicePorts(), programs.path, answer);
    expect(await attempt.exitCode, attempt.getOutput()).toBe(1);
    expect(attempt.getOutput()).toContain('Install redis-server with apt-get? [Y/n]');
    expect(attempt.getOutput()).toMatch(/There is no Redis or Valkey server on this machine: run .*\r?\n$/);
    programs.remove();
  });

  test('if the data folder cannot be used', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    expect(await getStartFailure({ DATA_DIR: file })).toMatch(
      /^The data folder \S+ cannot be read and written \(.*\n$/,
    );
  });

  test('if the Redis of REDIS_URL does not answer', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    expect(await getStartFailure({ REDIS_URL: url })).toMatch(
      /^The Redis of REDIS_URL, \S+, does not answer \(.*\n$/,
    );
  });

  test('if REDIS_URL is not set and no Redis is installed', async () => {
    // As root on Debian or Ubuntu it would install one; an empty PATH prevents that.
    const emptyFolder = temporaryFolder();
    expect(await getStartFailure({ PATH: emptyFolder.path })).toMatch(
      /^There is no Redis or Valkey server on this machine: run .*\n$/,
    );
    emptyFolder.remove();
  });

  test('if settings are invalid: all those of a service at once', async () => {
    const output = await getStartFailure({
      PROJECTION_WAIT_MS: 'soon',
      MONITORING_URL: 'there',
      LOG_LEVEL: 'silent',
    });
    expect(output).toMatch(
      /^These settings cannot be used: MONITORING_URL must .* \(it is "there"\); PROJECTION_WAIT_MS must .* \(it is "soon"\)\.\n$/,
    );
  });
});

describe('under load', () => {
  const origin = () => `http://127.0.0.1:${ports.GATEWAY_PORT}`;
  const startLoad = async (isExpected?: (error: unknown) => boolean) => {
    const token = await issueEmbeddedToken(dataDir, { id: 'olga', role: 'operator' }, 3_600_000);
    const load = startClientLoad(origin(), `Bearer ${token}`, isExpected);
    await eventually(() => {
      expect(load.createdIds.size).toBeGreaterThan(5);
      for (const ids of Object.values(load.receivedIds)) expect(ids.size).toBeGreaterThan(0);
    }, 30_000);
    // Subscribers may have begun after the first rules.
    return { load, earlierIds: new Set(load.createdIds) };
  };
  const expectNothingMissed = async ({
    load: { createdIds, receivedIds },
    earlierIds,
  }: Awaited<ReturnType<typeof startLoad>>) => {
    const created = [...createdIds].filter((id) => !earlierIds.has(id));
    expect(created).not.toHaveLength(0);
    for (const ids of Object.values(receivedIds)) {
      await eventually(() => expect(created.filter((id) => !ids.has(id))).toEqual([]), 30_000);
    }
  };
  const readPids = async () => {
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
    return ['monitoring', 'reports', 'heartbeat', 'gateway'].map((name) => {
      const command = new RegExp(`^ *(\\d+) .*/apps/${name}/dist/main\\.js$`, 'gm');
      return [...stdout.matchAll(command)].map(([, pid]) => Number(pid)).filter(isOfInstallation);
    });
  };
  /** The services that have become DOWN since an instant. */
  const readOutages = async (since: number) => {
    const token = await issueEmbeddedToken(dataDir, { id: 'olga', role: 'operator' }, 60_000);
    const response = await fetch(`${origin()}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ services { name transitions(first: 50) { to at } } }' }),
    });
    const { data } = (await response.json()) as {
      data: { services: { name: string; transitions: { to: string; at: string }[] }[] };
    };
    return data.services
      .filter(({ transitions }) => transitions.some(({ to, at }) => to === 'DOWN' && Date.parse(at) >= since))
      .map(({ name }) => name);
  };
  const isOfInstallation = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DATA_DIR=${dataDir}\0`);
    } catch {
      // The process of another test has ended meanwhile.
      return false;
    }
  };

  test.runIf(process.platform === 'linux')(
    'npm run restart replaces every service without a failed request, and subscribers miss nothing',
    async () => {
      const before = await readPids();
      const started = await startLoad();
      const { load } = started;
      const startedAt = Date.now();
      const { code, stdout, stderr } = await runCommand('restart', [], { env: { DATA_DIR: dataDir } });
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.replaceAll(/\(.*\)/g, '()')).toBe(
        ['monitoring', 'reports', 'heartbeat', 'gateway'].map((name) => `${name} is replaced ().\n`).join(''),
      );
      await load.stopRequests();
      expect(load.failures).toEqual([]);
      await expectNothingMissed(started);
      load.close();
      const after = await readPids();
      expect(after.map((pids) => pids.length)).toEqual([1, 1, 1, 1]);
      expect(after.flat().filter((pid) => before.flat().includes(pid))).toEqual([]);
      // A replacement is no outage.
      expect(await readOutages(startedAt)).toEqual([]);
    },
    240_000,
  );

  test.runIf(process.platform === 'linux')(
    'a service that hangs is killed and restarted',
    async () => {
      const [, , [pid = 0] = []] = await readPids();
      process.kill(pid, 'SIGSTOP');
      await running.waitForOutput(
        /^heartbeat has not responded for 5 s \(it is suspended\); it is killed\.$/m,
      );
      await running.waitForOutput(/^heartbeat ended with signal SIGKILL; it restarts in/m);
      await running.waitForOutput(/^heartbeat is ready again \(pid \d+\)\.$(?![^]*heartbeat ended)/m);
    },
    240_000,
  );

  test.runIf(process.platform === 'linux')(
    'after kill -9 the services go on, and the next start replaces them one after the other',
    async () => {
      const redis = readRedisPid();
      // The old gateway alone has the socket. When it closes it, connections that it has not accepted are reset, and until the new
      // gateway listens they are refused. Clients connect again.
      const hasNoConnection = (error: unknown) => String(error) === 'TypeError: fetch failed';
      const started = await startLoad(hasNoConnection);
      const { load } = started;
      const before = await readPids();
      running.child.kill('SIGKILL');
      await running.exitCode;
      running = startInstallation(env());
      await running.waitForOutput(/^Taking over from an earlier start: monitoring \(pid \d+\), .*gateway/m);
      await running.waitForOutput(READY);
      await load.stopRequests();
      expect(load.failures).toEqual([]);
      await expectNothingMissed(started);
      load.close();
      const after = await readPids();
      expect(after.map((pids) => pids.length)).toEqual([1, 1, 1, 1]);
      expect(after.flat().filter((pid) => before.flat().includes(pid))).toEqual([]);
      expect(readRedisPid()).not.toBe(redis);
      // Its adoptive parent process may collect its exit status a little later.
      await eventually(() => expect(() => process.kill(redis, 0)).toThrow('ESRCH'));
    },
    240_000,
  );
});

test('Ctrl-C stops all programs in order', async () => {
  const redis = readRedisPid();
  const from = running.getOutput().length;
  // npm forwards the Ctrl-C that the terminal sends to every process, so it arrives twice.
  running.child.kill('SIGINT');
  running.child.kill('SIGINT');
  expect(await running.exitCode).toBe(0);
  expect(await getListening()).toEqual([false, false, false, false]);
  expect(() => process.kill(redis, 0)).toThrow('ESRCH');
  const order = [
    ...running
      .getOutput()
      .slice(from)
      .matchAll(/^(\w+) +\|.* stopping/gm),
  ].map(([, name]) => name);
  expect(order.filter((name) => name === 'gateway' || name === 'heartbeat')).toEqual([
    'gateway',
    'heartbeat',
  ]);
  expect(order).toHaveLength(4);
  expect(running.getOutput().slice(from)).not.toMatch(/ (WARN|ERROR)/);
});
