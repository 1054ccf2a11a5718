// Counts the source files that a command and a heartbeat message cross.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const usage = `node bench/files-crossed.mjs [--list] [--rounds 5] [--only createRule|heartbeat] [--checkout <folder>]

Counts the source files in which a function runs, by V8's precise coverage of the built services (npm run build first).
The tool starts every service of apps/*/dist/main.js, a redis-server (from PATH) and an issuer of tokens on free ports
of loopback. It needs Linux or macOS.

createRule  from the request at the gateway until reports has the rule. The query that reads the rule is counted apart.
heartbeat   from a process that beats to a WebSocket that subscribes to the gateway's "heartbeat". The tool suspends the
            sender until the subscriber hears that it is late. The beat after its resumption is the one that is counted.

A file counts if it is part of the path in more than half of the rounds. Code that runs periodically without a command
is background: before each round the tool observes two idle windows as long as the measured one, and a function that runs
in both is background. So is a process that the path does not lead through. A file in which only background functions run
is listed as "background" and is not counted.
The resumption of a suspended async function or generator is not a call, so V8 does not count it.

--list      print the files of each process
--rounds    number of measurements of each path
--only      measure one of the paths
--checkout  the checkout whose built services are measured; by default the one of this file`;

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    checkout: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    help: { type: 'boolean', short: 'h' },
  },
});

const CHECKOUT = resolve(values.checkout);
const HOST = '127.0.0.1';
/** A window is long enough for a command to be projected and for what the services do afterwards. */
const WINDOW_MS = 250;
const WARM_UP_COMMANDS = 20;
/** The longest interval that the services accept: no process beats during a window. */
const QUIET_INTERVAL_MS = 3_600_000;
const SENDER = 'monitoring';
/** The processes that a path leads through. What others do at the same time is background. */
const COMMAND_PROCESSES = ['gateway', 'monitoring', 'reports'];
const QUERY_PROCESSES = ['gateway', 'reports'];
const HEARTBEAT_PROCESSES = [SENDER, 'heartbeat', 'gateway'];
/** Longer than two idle windows, so that a beat falls into one of them at most. */
const SENDER_INTERVAL_MS = 1_000;
/** The only app that is no service. */
const COMMAND_LINE_APP = 'cli';
const START_TIMEOUT_MS = 30_000;
const STATUS_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/**
 * @typedef {import('node:inspector').Profiler.TakePreciseCoverageReturnType} Coverage
 *
 * @typedef {Map<string, Set<string>>} CalledFunctions by source file: the functions that were called, by their place in the file
 *
 * @typedef {object} Inspector controls the profiler of one process
 * @property {() => Promise<CalledFunctions>} take what was called since the last time
 * @property {() => void} close
 *
 * @typedef {object} Service a process
 * @property {string} name of its folder under apps/
 * @property {string} origin such as http://127.0.0.1:4000
 * @property {import('node:child_process').ChildProcess} child
 * @property {Inspector} inspector
 *
 * @typedef {object} Platform the running services, with a Redis and an issuer of tokens
 * @property {readonly Service[]} services
 * @property {string} endpoint of the gateway, host and port
 * @property {string} authorization of an operator
 * @property {() => Promise<void>} stop
 *
 * @typedef {Map<string, { path: Set<string>, background: Set<string> }>} Round by process: source files
 *
 * @typedef {() => void | Promise<void>} Cleanup
 */

/** @returns {Promise<number>} a free port of loopback */
async function findFreePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

/** @param {() => Promise<boolean>} isDone @param {string} what */
async function waitFor(isDone, what) {
  const until = performance.now() + START_TIMEOUT_MS;
  while (!(await isDone().catch(() => false))) {
    if (performance.now() > until) throw new Error(`${what} within ${START_TIMEOUT_MS} ms.`);
    await sleep(POLL_MS);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function terminate(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await exited;
}

// ---- the processes

/** @param {string} dir @returns {Promise<{ url: string, stop: Cleanup }>} */
async function startRedis(dir) {
  const port = await findFreePort();
  const args = ['--port', String(port), '--bind', HOST, '--dir', dir, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  await once(child, 'spawn');
  const accepts = async () => {
    const socket = connect(port, HOST);
    await once(socket, 'connect');
    socket.destroy();
    return true;
  };
  await waitFor(accepts, 'redis-server did not accept connections');
  return { url: `redis://${HOST}:${port}`, stop: () => terminate(child) };
}

/**
 * An issuer of the kind that AUTH_JWKS_URL names, so that the tool needs no code of the project to get a token.
 * @returns {Promise<{ settings: Record<string, string>, authorization: string, stop: Cleanup }>}
 */
async function startTokenIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' };
  const server = createHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [key] }));
  }).listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The issuer has no port.');

  const encode = (/** @type {object} */ part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: 'bench', role: 'operator', iss: 'bench', aud: 'bench', iat: now, exp: now + 3_600 };
  const signed = `${encode({ alg: 'ES256', kid: 'bench' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    settings: {
      AUTH: 'required',
      AUTH_JWKS_URL: `http://${HOST}:${address.port}/`,
      AUTH_ISSUER: 'bench',
      AUTH_AUDIENCE: 'bench',
    },
    authorization: `Bearer ${signed}.${signature.toString('base64url')}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {string} name @param {string} origin @param {Record<string, string | undefined>} env @returns {Promise<Service>} */
async function startService(name, origin, env) {
  const main = join(CHECKOUT, 'apps', name, 'dist', 'main.js');
  const child = spawn(process.execPath, [`--inspect=${HOST}:0`, main], {
    cwd: CHECKOUT,
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  try {
    const inspector = await connectInspector(await findInspectorUrl(child));
    const isReady = async () => (await fetch(`${origin}/ready`)).ok;
    await waitFor(isReady, `The service ${name} was not ready`);
    return { name, origin, child, inspector };
  } catch (error) {
    await terminate(child);
    throw error;
  }
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} */
function findInspectorUrl({ stderr }) {
  if (!stderr) throw new Error('The process has no stderr.');
  const lines = createInterface({ input: stderr });
  return new Promise((resolvePromise, reject) => {
    lines.on('line', (line) => {
      const url = /^Debugger listening on (ws:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolvePromise(url);
      else if (!/^(Debugger |For help)/.test(line)) console.error(line);
    });
    lines.on('close', () => reject(new Error('A service ended before its inspector listened.')));
  });
}

/**
 * @param {Record<string, string>} intervals HEARTBEAT_INTERVAL_MS of the services that beat
 * @returns {Promise<Platform>}
 */
async function startPlatform(intervals = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'files-crossed-'));
  /** @type {Cleanup[]} */
  const cleanups = [() => rmSync(dataDir, { recursive: true, force: true })];
  const stop = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
  try {
    const redis = await startRedis(dataDir);
    cleanups.push(redis.stop);
    const issuer = await startTokenIssuer();
    cleanups.push(issuer.stop);
    const names = readdirSync(join(CHECKOUT, 'apps')).filter(
      (name) => name !== COMMAND_LINE_APP && existsSync(join(CHECKOUT, 'apps', name, 'dist', 'main.js')),
    );
    if (!names.includes('gateway')) throw new Error(`${CHECKOUT} is not built. Run npm run build first.`);
    /** @type {Record<string, string>} */
    const ports = {};
    for (const name of names) ports[`${name.toUpperCase()}_PORT`] = String(await findFreePort());
    const originOf = (/** @type {string} */ name) =>
      `http://${HOST}:${ports[`${name.toUpperCase()}_PORT`] ?? ''}`;
    const settings = {
      ...process.env,
      ...ports,
      ...issuer.settings,
      HOST,
      DATA_DIR: dataDir,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'error',
      HEARTBEAT_EXPECTED: names.join(','),
      // A process that was suspended reports that its event loop was held up.
      HEARTBEAT_MAX_LOOP_DELAY_MS: String(QUIET_INTERVAL_MS),
    };
    const starts = await Promise.allSettled(
      names.map((name) => {
        const interval = intervals[name] ?? String(QUIET_INTERVAL_MS);
        return startService(name, originOf(name), { ...settings, HEARTBEAT_INTERVAL_MS: interval });
      }),
    );
    const services = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    for (const { child, inspector } of services) {
      cleanups.push(async () => {
        inspector.close();
        await terminate(child);
      });
    }
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    return {
      services,
      endpoint: `${originOf('gateway').slice('http://'.length)}/graphql`,
      authorization: issuer.authorization,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

// ---- coverage

/**
 * Starts precise coverage through the Chrome DevTools Protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/).
 * @param {string} url @returns {Promise<Inspector>}
 */
async function connectInspector(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  /** @type {Map<number, (message: { result?: unknown, error?: unknown }) => void>} */
  const pending = new Map();
  let lastId = 0;
  socket.on('message', (data) => {
    /** @type {unknown} */
    const parsed = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}');
    const message = /** @type {{ id?: number, result?: unknown, error?: unknown }} */ (parsed);
    pending.get(message.id ?? 0)?.(message);
    pending.delete(message.id ?? 0);
  });
  /** @param {string} method @param {object} [params] @returns {Promise<unknown>} */
  const send = (method, params = {}) =>
    new Promise((resolvePromise, reject) => {
      lastId += 1;
      pending.set(lastId, ({ result, error }) => {
        if (error === undefined) resolvePromise(result);
        else reject(new Error(`${method}: ${JSON.stringify(error)}`));
      });
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
  await send('Profiler.enable');
  await send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  return {
    take: async () => {
      const coverage = await send('Profiler.takePreciseCoverage');
      return findCalledFunctions(/** @type {Coverage} */ (coverage));
    },
    close: () => socket.close(),
  };
}

/** @param {Coverage} coverage @returns {CalledFunctions} */
function findCalledFunctions({ result }) {
  /** @type {CalledFunctions} */
  const called = new Map();
  for (const { url, functions } of result) {
    const source = findSource(url);
    if (source === undefined) continue;
    // The function of the module itself begins where the module does.
    const inner = functions.filter(
      ({ functionName, ranges }) => functionName || ranges[0]?.startOffset !== 0,
    );
    const places = inner.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0);
    if (places.length === 0) continue;
    called.set(source, new Set(places.map(({ ranges }) => String(ranges[0]?.startOffset))));
  }
  return called;
}

/** @param {string} url of a script @returns {string | undefined} its source in the checkout; undefined: not our own */
function findSource(url) {
  if (!url.startsWith('file:')) return undefined;
  const path = relative(CHECKOUT, fileURLToPath(url));
  const [, folder, file] = /^((?:apps|packages)\/[^/]+)\/dist\/(.+)\.js$/.exec(path) ?? [];
  return folder === undefined || file === undefined ? undefined : `${folder}/src/${file}.ts`;
}

/** @param {readonly Service[]} services @returns {Promise<Map<string, CalledFunctions>>} */
async function takeAll(services) {
  const taken = await Promise.all(services.map(({ inspector }) => inspector.take()));
  return new Map(services.map(({ name }, index) => [name, taken[index] ?? new Map()]));
}

/**
 * The functions that run without a command: those that run in two windows in a row. A rare timer falls into one at most.
 * @param {readonly Service[]} services @returns {Promise<Map<string, CalledFunctions>>}
 */
async function observeIdle(services) {
  await takeAll(services);
  await sleep(WINDOW_MS);
  const first = await takeAll(services);
  await sleep(WINDOW_MS);
  const second = await takeAll(services);
  return new Map(
    [...second].map(([name, files]) => {
      const periodic = [...files].map(([file, places]) => {
        const before = first.get(name)?.get(file);
        return /** @type {const} */ ([file, new Set([...places].filter((place) => before?.has(place)))]);
      });
      return [name, new Map(periodic)];
    }),
  );
}

/**
 * @param {Map<string, CalledFunctions>} called @param {Map<string, CalledFunctions>} idle
 * @param {readonly string[]} processes that the path leads through
 * @returns {Round}
 */
function separateBackground(called, idle, processes) {
  /** @type {Round} */
  const round = new Map();
  for (const [name, files] of called) {
    const isBackground = (/** @type {string} */ file) => {
      const periodic = idle.get(name)?.get(file);
      return !processes.includes(name) || [...(files.get(file) ?? [])].every((place) => periodic?.has(place));
    };
    round.set(name, {
      path: new Set([...files.keys()].filter((file) => !isBackground(file))),
      background: new Set([...files.keys()].filter(isBackground)),
    });
  }
  return round;
}

// ---- the two paths

/** @param {Platform} platform @param {string} query @param {Record<string, unknown>} variables @returns {Promise<unknown>} */
async function request({ endpoint, authorization }, query, variables) {
  const response = await fetch(`http://${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = /** @type {{ data?: unknown, errors?: unknown }} */ (await response.json());
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** @param {Platform} platform @returns {Promise<string>} the id of the new rule */
async function createRule(platform) {
  const query =
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id name version } } }';
  const input = { userId: 'bench', name: randomUUID(), opening: 'Door', maxOpenSeconds: 60 };
  const data = await request(platform, query, { input });
  return /** @type {{ createRule: { rule: { id: string } } }} */ (data).createRule.rule.id;
}

/** @param {Platform} platform @param {string} id @returns {Promise<boolean>} whether reports has the rule */
async function canReadRule(platform, id) {
  const data = await request(platform, 'query ($id: ID!) { rule(id: $id) { id name version } }', { id });
  return /** @type {{ rule: unknown }} */ (data).rule !== null;
}

/** @param {number} rounds @returns {Promise<{ command: Round[], query: Round[] }>} */
async function measureCreateRule(rounds) {
  const platform = await startPlatform();
  const { services } = platform;
  try {
    for (let n = 0; n < WARM_UP_COMMANDS; n += 1) {
      const id = await createRule(platform);
      await waitFor(() => canReadRule(platform, id), 'reports did not have a rule');
    }
    /** @type {Round[]} */
    const command = [];
    /** @type {Round[]} */
    const query = [];
    for (let n = 0; n < rounds; n += 1) {
      await sleep(WINDOW_MS);
      const idle = await observeIdle(services);
      const id = await createRule(platform);
      await sleep(WINDOW_MS);
      command.push(separateBackground(await takeAll(services), idle, COMMAND_PROCESSES));
      if (!(await canReadRule(platform, id))) {
        throw new Error(`reports did not have a rule ${WINDOW_MS} ms after its command.`);
      }
      query.push(separateBackground(await takeAll(services), idle, QUERY_PROCESSES));
    }
    return { command, query };
  } finally {
    await platform.stop();
  }
}

/**
 * Subscribes to the health of all services.
 * @param {Platform} platform
 * @returns {{ waitForStatus: (status: string) => Promise<void>, close: Cleanup }} of the sender, the present or a later one
 */
function subscribeToHeartbeat({ endpoint, authorization }) {
  const client = createClient({
    url: `ws://${endpoint}`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    lazy: false,
    onNonLazyError: (error) => console.error(error),
  });
  /** @type {string | undefined} */
  let present;
  const query = 'subscription { heartbeat { name status reason since lastBeatAt } }';
  client.subscribe(
    { query },
    {
      next: ({ data }) => {
        const { heartbeat } = /** @type {{ heartbeat: { name: string, status: string } }} */ (data);
        if (heartbeat.name === SENDER) present = heartbeat.status;
      },
      error: (error) => console.error(error),
      complete: () => undefined,
    },
  );
  return {
    async waitForStatus(status) {
      const until = performance.now() + STATUS_TIMEOUT_MS;
      while (present !== status) {
        if (performance.now() > until) throw new Error(`${SENDER} is ${String(present)}, not ${status}.`);
        await sleep(1);
      }
    },
    close: () => client.dispose(),
  };
}

/** @param {Platform} platform @returns {Promise<boolean>} what the monitor itself answers */
async function isSenderUp(platform) {
  const data = await request(platform, 'query ($name: String!) { service(name: $name) { status } }', {
    name: SENDER,
  });
  return /** @type {{ service: { status: string } | null }} */ (data).service?.status === 'UP';
}

/** @param {number} rounds @returns {Promise<Round[]>} */
async function measureHeartbeat(rounds) {
  const platform = await startPlatform({ [SENDER]: String(SENDER_INTERVAL_MS) });
  const sender = platform.services.filter(({ name }) => name === SENDER);
  const others = platform.services.filter(({ name }) => name !== SENDER);
  const signalSender = (/** @type {NodeJS.Signals} */ signal) => {
    for (const { child } of sender) child.kill(signal);
  };
  const subscriber = subscribeToHeartbeat(platform);
  try {
    /** @type {Round[]} */
    const measured = [];
    await waitFor(() => isSenderUp(platform), `${SENDER} was not UP`);
    // The first round warms the path up. It does not wait for UP, since a gateway that starts after the monitor has
    // published UP hears of it with the next report, which is due only after the quiet interval.
    for (let n = 0; n <= rounds; n += 1) {
      if (n > 0) await subscriber.waitForStatus('UP');
      // Longer than the window in which the status became UP, and so after everything that follows from it.
      await sleep(WINDOW_MS);
      const senderIdle = await observeIdle(sender);
      signalSender('SIGSTOP');
      await subscriber.waitForStatus('LATE');
      await sleep(WINDOW_MS);
      const idle = new Map([...(await observeIdle(others)), ...senderIdle]);
      signalSender('SIGCONT');
      await subscriber.waitForStatus('UP');
      await sleep(WINDOW_MS);
      const round = separateBackground(await takeAll(platform.services), idle, HEARTBEAT_PROCESSES);
      if (n > 0) measured.push(round);
    }
    return measured;
  } finally {
    await subscriber.close();
    await platform.stop();
  }
}

// ---- the report

/** @param {readonly Round[]} rounds @param {'path' | 'background'} kind @param {(count: number) => boolean} isEnough */
function filesByProcess(rounds, kind, isEnough) {
  const names = [...new Set(rounds.flatMap((round) => [...round.keys()]))].sort();
  return names.map((name) => {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const round of rounds) {
      for (const file of round.get(name)?.[kind] ?? []) counts.set(file, (counts.get(file) ?? 0) + 1);
    }
    const files = [...counts].filter(([, count]) => isEnough(count)).map(([file]) => file);
    return { name, files: files.sort() };
  });
}

/** @param {readonly { files: readonly string[] }[]} processes */
const distinctFiles = (processes) => new Set(processes.flatMap(({ files }) => files));

/** @param {string} title @param {readonly Round[]} rounds @returns {Set<string>} the files that count */
function report(title, rounds) {
  const isMost = (/** @type {number} */ count) => count > rounds.length / 2;
  const isAny = () => true;
  const path = filesByProcess(rounds, 'path', isMost);
  const counted = distinctFiles(path);
  const perRound = rounds.map((round) => distinctFiles(filesByProcess([round], 'path', isAny)).size);
  const withBackground = rounds.map((round) => {
    const ran = [...round.values()].flatMap((files) => [...files.path, ...files.background]);
    return new Set(ran).size;
  });
  console.log(`${title}: ${counted.size} files`);
  console.log(
    `  per round ${perRound.join(', ')}; with background ${withBackground.join(', ')}; ` +
      `union of all rounds ${distinctFiles(filesByProcess(rounds, 'path', isAny)).size}`,
  );
  for (const { name, files } of path) printFiles(name, files);
  for (const { name, files } of filesByProcess(rounds, 'background', isMost)) {
    printFiles(`${name}, background`, files);
  }
  return counted;
}

/** @param {string} name @param {readonly string[]} files */
function printFiles(name, files) {
  if (files.length === 0) return;
  console.log(`  ${name}: ${files.length}`);
  if (values.list) for (const file of files) console.log(`    ${file}`);
}

async function main() {
  const rounds = Number(values.rounds);
  if (values.only !== 'heartbeat') {
    const { command, query } = await measureCreateRule(rounds);
    const commandFiles = report('createRule until reports has the rule', command);
    const queryFiles = report('the query that reads the rule', query);
    console.log(`createRule and the query: ${new Set([...commandFiles, ...queryFiles]).size} files`);
  }
  if (values.only !== 'createRule') report('a heartbeat message', await measureHeartbeat(rounds));
}

if (values.help) console.log(usage);
else await main();
