import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBuilt } from '../lib/import-built.mjs';

const cli = /** @type {typeof import('@seguridad-abc/cli')} */ (await importBuilt('@seguridad-abc/cli'));

const { INSTALLATION_SECRET_HEADER } = /** @type {typeof import('@seguridad-abc/platform/installation')} */ (
  await importBuilt('@seguridad-abc/platform/installation')
);

const HOST = '127.0.0.1';
const SECRET = 'a-secret-of-the-benchmark-with-enough-characters';
const METRICS_TOKEN = 'a-token-of-the-benchmark-with-enough-characters';
const TOKEN_LIFETIME_MS = 3_600_000;
const SERVERS_STOP_ORDER = 4;

/** The quotas of customers would end the load. */
const SETTINGS = {
  MAX_RULES_PER_OPENING: '1000000',
  MAX_RULES_PER_USER: '1000000',
  MAX_READINGS_PER_MINUTE: '10000000',
};

/** @typedef {Awaited<ReturnType<typeof startWriteTopology>>} WriteTopology */

/** The metrics of a process: the sum of all samples of each name. @typedef {ReadonlyMap<string, number>} Metrics */

/**
 * Starts PostgreSQL with its usual durability, Redis, and instances of the built monitoring, on free ports and with temporary data.
 * @param {{ instances: number, isSynchronous: boolean, hasReports: boolean }} options `isSynchronous`: each commit waits for a replica;
 * otherwise there is none. `hasReports`: an instance of reports follows the event log
 */
export async function startWriteTopology({ instances, isSynchronous, hasReports }) {
  const { signal } = new AbortController();
  const programs = cli.findPostgresPrograms();
  if (!programs) throw new Error('PostgreSQL 15 or newer is missing: install the package postgresql.');
  const redisProgram = await cli.ensureRedisProgram({ log: console.log, signal });
  const folder = mkdtempSync(join(tmpdir(), 'write-scale-'));
  /** @type {import('@seguridad-abc/cli').RunningProgram[]} */
  const running = [];
  const start = async (/** @type {import('@seguridad-abc/cli').Program} */ program) => {
    const started = await cli.startProgram(program, { signal });
    running.push(started);
    return started.processId ?? 0;
  };
  const close = async () => {
    await cli.stopInOrder(running);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    const postgres = await cli.preparePostgresPair({
      programs,
      folder: join(folder, 'postgres'),
      ports: { primary: await cli.findFreePort(), replica: await cli.findFreePort() },
      isSynchronous,
      stopOrder: SERVERS_STOP_ORDER,
      signal,
    });
    const redis = await cli.prepareLocalRedis(redisProgram, folder);
    const postgresPid = await start(postgres.primary);
    const replicaPid = isSynchronous ? await start(postgres.replica) : undefined;
    const redisPid = await start(redis.program);
    /** @param {'monitoring' | 'reports'} name */
    const startService = async (name, index = 1, settings = {}) => {
      const service = cli.SERVICES.find((known) => known.name === name);
      if (!service) throw new Error(`There is no service ${name}.`);
      const ports = await cli.findFreeServicePorts();
      const port = ports[service.portSetting];
      const env = {
        // An empty variable counts as absent: neither our environment nor the file .env changes the services.
        ...Object.fromEntries(Object.keys(cli.readDefaultSettings()).map((setting) => [setting, ''])),
        ...SETTINGS,
        HOST,
        [service.portSetting]: port,
        DATA_DIR: join(folder, `${name}-${String(index)}`),
        INSTANCE_ID: `${name}-${String(index)}`,
        REDIS_URL: redis.url,
        INSTALLATION_SECRET: SECRET,
        METRICS_TOKEN,
        LOG_LEVEL: 'warn',
        ...settings,
      };
      const pid = await start(cli.createServiceProgram(service, { host: HOST, ports }, env));
      return { pid, url: `http://${HOST}:${port}` };
    };
    const monitoring = await Promise.all(
      Array.from({ length: instances }, (_, index) =>
        startService('monitoring', index + 1, { DATABASE_URL: postgres.url }),
      ),
    );
    const reports = hasReports
      ? await startService('reports', 1, { MONITORING_URL: monitoring.map(({ url }) => url).join(',') })
      : undefined;
    const identity = { required: true, issuer: undefined, secret: SECRET, token: undefined };
    return {
      monitoring,
      reports,
      postgresPid,
      replicaPid,
      redisPid,
      superuserUrl: postgres.superuserUrl,
      /** The headers with which the gateway sends a customer's command. @param {string} id of the customer */
      authorize: async (id) => ({
        [INSTALLATION_SECRET_HEADER]: SECRET,
        authorization: `Bearer ${await cli.issueToken({ dataDir: folder, identity }, { id, role: 'customer' }, TOKEN_LIFETIME_MS)}`,
      }),
      /** Reads the metrics of processes. @param {readonly { readonly url: string }[]} processes @returns {Promise<Metrics[]>} */
      readMetrics: (processes) =>
        Promise.all(
          processes.map(async ({ url }) => {
            const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
            return parseMetrics(await (await fetch(`${url}/metrics`, { headers })).text());
          }),
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Buckets of histograms keep their bound in the name, other labels do not matter here. @param {string} text @returns {Metrics} */
function parseMetrics(text) {
  /** @type {Map<string, number>} */
  const metrics = new Map();
  for (const [, name = '', labels = '', value] of text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
    const bound = /\ble="([^"]+)"/.exec(labels)?.[1];
    const key = bound === undefined ? name : `${name} ${bound}`;
    metrics.set(key, (metrics.get(key) ?? 0) + Number(value));
  }
  return metrics;
}

/**
 * Starts the process that sends the load.
 * @param {import('./load-process.mjs').LoadOptions} options
 */
export async function startLoad(options) {
  const child = fork(new URL('load-process.mjs', import.meta.url));
  const send = async (/** @type {object} */ message) => {
    child.send(message);
    const messages = /** @type {unknown[]} */ (await once(child, 'message'));
    return messages[0];
  };
  await send(options);
  return {
    /** @param {import('./load-process.mjs').LoadPhase} phase */
    run: async (phase) => /** @type {import('./load-process.mjs').LoadResult} */ (await send(phase)),
    async close() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
