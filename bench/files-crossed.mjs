// Counts the source files that a command and a heartbeat message cross.
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  observeIdle,
  separateBackground,
  takeCalledFunctions,
  WINDOW_MS,
} from './files-crossed/called-functions.mjs';
import { startProfiledPlatform, waitFor } from './files-crossed/profiled-platform.mjs';

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
const WARM_UP_COMMANDS = 20;
const SENDER = 'monitoring';
/** The processes that a path leads through. What others do at the same time is background. */
const COMMAND_PROCESSES = ['gateway', 'monitoring', 'reports'];
const QUERY_PROCESSES = ['gateway', 'reports'];
const HEARTBEAT_PROCESSES = [SENDER, 'heartbeat', 'gateway'];
/** Longer than two idle windows, so that a beat falls into one of them at most. */
const SENDER_INTERVAL_MS = 1_000;
const STATUS_TIMEOUT_MS = 10_000;

/**
 * @typedef {import('./files-crossed/called-functions.mjs').Round} Round
 *
 * @typedef {import('./files-crossed/profiled-platform.mjs').ProfiledPlatform} ProfiledPlatform
 */

// ---- the two paths

/** @param {ProfiledPlatform} platform @param {string} query @param {Record<string, unknown>} variables @returns {Promise<unknown>} */
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

/** @param {ProfiledPlatform} platform @returns {Promise<string>} the id of the new rule */
async function createRule(platform) {
  const query =
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id name version } } }';
  const input = { userId: 'bench', name: randomUUID(), opening: 'Door', maxOpenSeconds: 60 };
  const data = await request(platform, query, { input });
  return /** @type {{ createRule: { rule: { id: string } } }} */ (data).createRule.rule.id;
}

/** @param {ProfiledPlatform} platform @param {string} id @returns {Promise<boolean>} whether reports has the rule */
async function canReadRule(platform, id) {
  const data = await request(platform, 'query ($id: ID!) { rule(id: $id) { id name version } }', { id });
  return /** @type {{ rule: unknown }} */ (data).rule !== null;
}

/** @param {number} rounds @returns {Promise<{ command: Round[], query: Round[] }>} */
async function measureCreateRule(rounds) {
  const platform = await startProfiledPlatform(CHECKOUT);
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
      command.push(separateBackground(await takeCalledFunctions(services), idle, COMMAND_PROCESSES));
      if (!(await canReadRule(platform, id))) {
        throw new Error(`reports did not have a rule ${WINDOW_MS} ms after its command.`);
      }
      query.push(separateBackground(await takeCalledFunctions(services), idle, QUERY_PROCESSES));
    }
    return { command, query };
  } finally {
    await platform.stop();
  }
}

/**
 * Subscribes to the health of all services.
 * @param {ProfiledPlatform} platform
 * @returns {{ waitForStatus: (status: string) => Promise<void>, close: () => void | Promise<void> }} of the sender, the present or a later one
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

/** @param {ProfiledPlatform} platform @returns {Promise<boolean>} what the monitor itself answers */
async function isSenderUp(platform) {
  const data = await request(platform, 'query ($name: String!) { service(name: $name) { status } }', {
    name: SENDER,
  });
  return /** @type {{ service: { status: string } | null }} */ (data).service?.status === 'UP';
}

/** @param {number} rounds @returns {Promise<Round[]>} */
async function measureHeartbeat(rounds) {
  const platform = await startProfiledPlatform(CHECKOUT, { [SENDER]: String(SENDER_INTERVAL_MS) });
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
      const round = separateBackground(
        await takeCalledFunctions(platform.services),
        idle,
        HEARTBEAT_PROCESSES,
      );
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
