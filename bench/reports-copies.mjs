// Measures reports by copies: a new instance from the snapshot of a peer against one from the log, and queries of 1 and 2 instances.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBenchPlatform } from './lib/bench-platform.mjs';
import { writeEvents } from './lib/event-log.mjs';
import { computePercentile } from './lib/statistics.mjs';
import { readCpuMs, readMemoryMib } from './security/process-usage.mjs';

const USAGE = `node bench/reports-copies.mjs [--events 1000000] [--seconds 10]
Writes a log into the database of a built monitoring. Starts an instance of reports that reads the whole log, then one that begins with
the snapshot of the first. Prints for both the time until ready, the CPU time of each process, and the greatest memory. Then sends
queries to the first instance, and to both in turns. Linux only.`;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '10' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const eventCount = Number(values.events);
const durationMs = Number(values.seconds) * 1_000;
const REPORTS_PROGRAM = fileURLToPath(new URL('../apps/reports/dist/main.js', import.meta.url));
const POLL_MS = 100;
const BYTES_PER_MIB = 1_048_576;
const CONNECTIONS = 16;
const QUERY = `query ($user: ID!) { user(id: $user) { rules(first: 5) { edges { node { name alarmCount } } } alarms(first: 20) {
  totalCount edges { node { id status opening reason raisedAt } } } } }`;

/** The environment of a running process. @param {number} pid @returns {Record<string, string>} */
const readEnvironment = (pid) =>
  Object.fromEntries(
    readFileSync(`/proc/${String(pid)}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** The greatest memory of a process until now, in MiB. @param {number} pid */
const readPeakMemoryMib = (pid) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1_024;

/**
 * Starts an instance of reports in its own folder, and waits until it is ready.
 * @param {Record<string, string>} env @param {number} port @param {Record<string, string>} [settings]
 */
async function startInstance(env, port, settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'reports-copy-'));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [REPORTS_PROGRAM], {
    env: {
      ...env,
      DATA_DIR: folder,
      REPORTS_PORT: String(port),
      INSTANCE_ID: '',
      LOG_LEVEL: 'info',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const { pid = 0 } = child;
  const url = `http://127.0.0.1:${String(port)}`;
  const isReady = () =>
    fetch(`${url}/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(output);
    await delay(POLL_MS);
  }
  return {
    pid,
    url,
    folder,
    seconds: (performance.now() - startedAt) / 1_000,
    cpuMs: readCpuMs(pid),
    getOutput: () => output,
    async stop() {
      child.kill();
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {Awaited<ReturnType<typeof startInstance>>} instance @param {string} name */
function printStart({ seconds, cpuMs, pid }, name) {
  const memory = `${readPeakMemoryMib(pid).toFixed(0)} MiB at most, ${readMemoryMib(pid).toFixed(0)} MiB now`;
  console.log(
    `${name}: ready after ${seconds.toFixed(1)} s, ${(cpuMs / 1_000).toFixed(1)} s of CPU, ${memory}`,
  );
}

/**
 * Sends queries for some time, to the instances in turns.
 * @param {readonly Awaited<ReturnType<typeof startInstance>>[]} instances
 */
async function sendQueries(instances) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  /** @type {number[]} */
  const latencies = [];
  const readCpu = () => instances.reduce((sum, { pid }) => sum + readCpuMs(pid), 0);
  const cpuBefore = readCpu();
  const startedAt = performance.now();
  let next = 0;
  const send = async () => {
    const number = next++;
    const { url } = instances[number % instances.length] ?? { url: '' };
    const body = JSON.stringify({ query: QUERY, variables: { user: `user-${String(number % 200)}` } });
    const sentAt = performance.now();
    await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => (text.includes('"errors"') ? reject(new Error(text)) : resolve(undefined)));
      });
      sent.on('error', reject);
      sent.end(body);
    });
    latencies.push(performance.now() - sentAt);
  };
  const work = async () => {
    while (performance.now() - startedAt < durationMs) await send();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuMs = readCpu() - cpuBefore;
  agent.destroy();
  const rate = (latencies.length / seconds).toFixed(0);
  const [median, p99] = [50, 99].map((p) => computePercentile(latencies, p).toFixed(0));
  const perQuery = (cpuMs / latencies.length).toFixed(2);
  const share = (cpuMs / 1_000 / seconds).toFixed(2);
  console.log(
    `${String(instances.length)} instance(s): ${rate} queries a second, ${perQuery} ms of CPU each, ${share} CPUs, median ${String(median)} ms, p99 ${String(p99)} ms`,
  );
}

const platform = await startBenchPlatform({ services: ['monitoring'], settings: { AUTH: 'off' } });
/** @type {Awaited<ReturnType<typeof startInstance>>[]} */
const instances = [];
try {
  writeEvents(platform.dataDir, eventCount);
  const env = readEnvironment(platform.getProcessId('monitoring'));
  const port = Number(env['REPORTS_PORT']);
  console.log(`${eventCount.toLocaleString('en-US')} log entries`);

  const first = await startInstance(env, port);
  instances.push(first);
  printStart(first, 'from the log');
  const { size } = statSync(join(first.folder, 'reports.sqlite'));

  const cpuBefore = readCpuMs(first.pid);
  const second = await startInstance(env, Number(env['HEARTBEAT_PORT']), { REPORTS_PEERS: first.url });
  instances.push(second);
  if (!second.getOutput().includes('a snapshot of the read model was downloaded'))
    throw new Error(second.getOutput());
  printStart(second, `from a snapshot of ${(size / BYTES_PER_MIB).toFixed(0)} MiB`);
  const peerCpu = ((readCpuMs(first.pid) - cpuBefore) / 1_000).toFixed(1);
  console.log(
    `its peer: ${peerCpu} s of CPU, ${readPeakMemoryMib(first.pid).toFixed(0)} MiB at most since its start`,
  );
  for (const { getOutput } of instances)
    for (const line of getOutput()
      .split('\n')
      .filter((each) => each.includes('snapshot of the read model was'))) {
      const parsed = /** @type {unknown} */ (JSON.parse(line));
      const { msg, durationMs: ms } = /** @type {{ msg: string, durationMs: number }} */ (parsed);
      console.log(`  ${msg}: ${String(ms)} ms`);
    }

  await sendQueries([first]);
  await sendQueries(instances);
  await sendQueries([first]);
  await sendQueries(instances);
} finally {
  for (const instance of instances) await instance.stop();
  await platform.close();
}
