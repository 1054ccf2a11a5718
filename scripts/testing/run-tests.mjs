import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import {
  ensureRedisProgram,
  findFreePort,
  formatError,
  InterruptedError,
  listenForInterrupts,
  runCommand,
  waitForRedis,
} from '@seguridad-abc/cli';
import { PROJECT_FOLDER } from '../bootstrap/project.mjs';
import { ensureChromium } from './chromium.mjs';
import { ensureDockerCompose } from './docker-compose.mjs';
import { runAtLowPriority } from './low-priority.mjs';
import { ensureOpenssl } from './openssl.mjs';
import { ensurePromtool } from './promtool.mjs';
import { ensureTopologyPrograms } from './topology-programs.mjs';
import { addCheckResult, readTestCounts, reportTestCounts, ZERO_COUNTS } from './test-counts.mjs';

const REDIS_START_TIMEOUT_MS = 10_000;

/**
 * Installs the programs that tests use, runs the checks and the tests, and ends this process. The last line of its output
 * has the counts; it is also written to the file that TEST_COUNTS_FILE names.
 *
 * @param {readonly string[]} args of `npm test`
 */
export async function runTests(args) {
  const { stop: signal } = listenForInterrupts();
  const log = (/** @type {string} */ text) => console.log(text);
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'seguridad-abc-test-'));
  let counts = ZERO_COUNTS;
  /** @type {ReturnType<typeof runAtLowPriority> | undefined} */
  let checks;
  /** Stops checks that still run after a failure. */
  const checksEnd = new AbortController();
  try {
    process.chdir(PROJECT_FOLDER);
    const { projects, vitestArgs } = parseTestArguments(args);
    const redisProgram = await ensureRedisProgram({ log, signal });
    const runs = (/** @type {string} */ project) => projects.length === 0 || projects.includes(project);
    const browser = runs('e2e') ? await ensureChromium({ log, signal }) : undefined;
    if (runs('integration')) {
      await ensureDockerCompose({ log, signal });
      await ensurePromtool({ log, signal });
      await ensureOpenssl({ log, signal });
    }
    if (runs('integration') || runs('postgres') || runs('e2e')) await ensureTopologyPrograms({ log, signal });

    // Tests wait for other processes, and leave a quarter of the processor to the checks.
    if (projects.length === 0) {
      checks = runAtLowPriority(['npm', 'run', 'check'], AbortSignal.any([signal, checksEnd.signal]));
      checks.catch(() => undefined);
    }
    const redis = await startTestRedis(redisProgram, temporaryFolder, signal);
    try {
      const reportFile = join(temporaryFolder, 'report.json');
      const { code } = await runCommand(
        process.execPath,
        [
          join('node_modules', 'vitest', 'vitest.mjs'),
          'run',
          ...projects.map((name) => `--project=${name}`),
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${reportFile}`,
          ...vitestArgs,
        ],
        { signal, show: true, env: { TEST_REDIS_URL: redis.url, PATH: redis.path, CHROMIUM: browser } },
      );
      counts = readTestCounts(reportFile, code);
    } finally {
      await redis.stop();
    }
    if (checks) {
      const { code, output } = await checks;
      process.stdout.write(output);
      counts = addCheckResult(counts, code === 0);
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) console.error(formatError(error));
    counts = { ...counts, failed: counts.failed + 1 };
  } finally {
    rmSync(temporaryFolder, { recursive: true, force: true });
    checksEnd.abort();
    await checks?.catch(() => undefined);
  }
  reportTestCounts(counts);
  process.exit(counts.failed > 0 ? 1 : 0);
}

/**
 * @param {readonly string[]} args of `npm test`
 * @returns {{ projects: string[], vitestArgs: string[] }} the names given with `--project` (none: all projects and the
 *   checks), and the other arguments, which are passed to Vitest
 */
export function parseTestArguments(args) {
  /** @type {string[]} */
  const projects = [];
  /** @type {string[]} */
  const vitestArgs = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--project') projects.push(args[++index] ?? '');
    else if (arg.startsWith('--project=')) projects.push(arg.slice('--project='.length));
    else vitestArgs.push(arg);
  }
  return { projects, vitestArgs };
}

/**
 * Starts the Redis that the tests share. It does not write to disk.
 *
 * @param {string} command path of the Redis server
 * @param {string} temporaryFolder
 * @param {AbortSignal} signal
 * @returns {Promise<{ url: string, path: string, stop: () => Promise<void> }>} `path` is a PATH that has a program
 *   `redis-server`, for tests that start their own server
 */
async function startTestRedis(command, temporaryFolder, signal) {
  const port = await findFreePort();
  const options = {
    port: String(port),
    bind: '127.0.0.1',
    dir: temporaryFolder,
    save: '',
    appendonly: 'no',
  };
  const child = spawn(
    command,
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: 'ignore', detached: true },
  );
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const url = `redis://127.0.0.1:${port}`;
  await waitForRedis(url, { timeoutMs: REDIS_START_TIMEOUT_MS, signal });
  return {
    url,
    path: createPathWithRedisServer(command, temporaryFolder),
    async stop() {
      process.off('exit', kill);
      kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** Tests call `redis-server`; the installed server may be Valkey. @param {string} command @param {string} folder */
function createPathWithRedisServer(command, folder) {
  const path = process.env['PATH'] ?? '';
  if (basename(command) === 'redis-server') return path;
  const binFolder = join(folder, 'bin');
  mkdirSync(binFolder);
  symlinkSync(command, join(binFolder, 'redis-server'));
  return `${binFolder}${delimiter}${path}`;
}
