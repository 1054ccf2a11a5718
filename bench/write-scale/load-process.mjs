// A child process that sends commands to instances of monitoring, in turns. Its parent sends the options, then a phase at a time.
import { Agent, request } from 'node:http';
import { computePercentile } from '../lib/statistics.mjs';

/**
 * @typedef {object} LoadOptions
 * @property {readonly string[]} urls the GraphQL URLs of the instances
 * @property {readonly { readonly id: string, readonly headers: Readonly<Record<string, string>> }[]} users customers
 * @property {number} openingsPerUser each with one rule
 */

/**
 * What to send: `setup` creates a rule for each opening, once. `commands` creates rules and updates them, in turns. `readings` sends commands with
 * `batchSize` readings.
 * @typedef {{ kind: 'setup' | 'commands' | 'readings', callers: number, seconds: number, batchSize: number }} LoadPhase
 */

/**
 * @typedef {object} LoadResult
 * @property {number} count commands that succeeded
 * @property {number} seconds
 * @property {number} p50 in milliseconds
 * @property {number} p99 in milliseconds
 * @property {number} cpuMs CPU time of this process
 * @property {readonly string[]} failures the messages of commands that failed, at most three
 * @property {number} failureCount
 */

/** @typedef {{ createRule: { rule: { id: string, version: number } } }} CreatedRule */

const CREATE_RULE =
  'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id version } } }';
const UPDATE_RULE =
  'mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id version } } }';
const RECORD_READINGS =
  'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }';
/** A batch has as many readings of each of its openings. */
const READINGS_PER_OPENING = 10;
const MAX_FAILURES = 3;
const MAX_FAILURE_LENGTH = 500;

/** @type {LoadOptions} */
let options = { urls: [], users: [], openingsPerUser: 1 };
/** @type {Agent[]} */
let agents = [];
let requestCount = 0;
let nameCount = 0;
let readingCount = 0;

/** A rule that every reading is evaluated against and no reading breaks. @param {string} opening */
const createRule = (opening) => ({
  name: `Rule ${String(++nameCount)}`,
  opening,
  opensAt: '00:00',
  closesAt: '23:59:59',
  timeZone: 'Europe/Madrid',
  maxOpenSeconds: 86_400,
  graceSeconds: 3_600,
  severity: 'WARNING',
  enabled: true,
});

/**
 * Sends one command to the next instance.
 * @template Data
 * @param {LoadOptions['users'][number]} user @param {string} query @param {object} input
 * @returns {Promise<Data>}
 * @throws {Error} if the response has errors
 */
function sendCommand(user, query, input) {
  const index = requestCount++ % options.urls.length;
  const body = JSON.stringify({ query, variables: { input } });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...user.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      options.urls[index] ?? '',
      { method: 'POST', agent: agents[index], headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (/** @type {string} */ chunk) => (text += chunk));
        response.on('end', () => {
          const parsed = /** @type {unknown} */ (JSON.parse(text));
          const { data, errors } = /** @type {{ data?: Data | null, errors?: unknown }} */ (parsed);
          if (errors || !data) reject(new Error(text.slice(0, MAX_FAILURE_LENGTH)));
          else resolve(data);
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The instant of the last reading of each opening. @type {Map<string, number>} */
const lastInstants = new Map();
/** Whether the last reading of each opening says that it is open. @type {Map<string, boolean>} */
const lastStates = new Map();

/** Creates a reading that is later than the opening's last one, and changes its state. @param {string} userId @param {string} opening */
function createReading(userId, opening) {
  const key = `${userId} ${opening}`;
  const at = Math.max((lastInstants.get(key) ?? 0) + 1, Date.now() - READINGS_PER_OPENING);
  const isOpen = !(lastStates.get(key) ?? false);
  lastInstants.set(key, at);
  lastStates.set(key, isOpen);
  return {
    id: `reading-${String(++readingCount)}`,
    opening,
    state: isOpen ? 'OPEN' : 'CLOSED',
    at: new Date(at).toISOString(),
  };
}

const getOpeningName = (/** @type {number} */ index) => `Door ${String(index % options.openingsPerUser)}`;

/**
 * Creates the work of one caller. Each caller has users who are only its own, so that the readings of an opening arrive in order.
 * @param {LoadPhase} phase @param {number} caller
 * @returns {() => Promise<unknown> | undefined} sends the next command; undefined: there is nothing more to send
 */
function createCaller({ kind, callers, batchSize }, caller) {
  const users = options.users.filter((_, index) => index % callers === caller);
  let turn = 0;
  const getUser = (/** @type {number} */ index) => {
    const user = users[index % users.length];
    if (!user) throw new Error('There are more callers than users.');
    return user;
  };
  if (kind === 'setup')
    return () => {
      const number = turn++;
      if (number >= users.length * options.openingsPerUser) return undefined;
      return sendCommand(
        getUser(number),
        CREATE_RULE,
        createRule(getOpeningName(Math.floor(number / users.length))),
      );
    };
  if (kind === 'commands') {
    /** @type {{ user: LoadOptions['users'][number], id: string, version: number } | undefined} */
    let created;
    return async () => {
      if (created) {
        const { user, id, version } = created;
        created = undefined;
        await sendCommand(user, UPDATE_RULE, { id, expectedVersion: version, maxOpenSeconds: 3_600 });
        return;
      }
      const user = getUser(turn++);
      const response = /** @type {CreatedRule} */ (await sendCommand(user, CREATE_RULE, createRule('Gate')));
      created = { user, ...response.createRule.rule };
    };
  }
  return () => {
    const number = turn++;
    const user = getUser(number);
    const first = Math.floor(number / users.length);
    return sendCommand(user, RECORD_READINGS, {
      readings: Array.from({ length: batchSize }, (_, index) =>
        createReading(user.id, getOpeningName(first + Math.floor(index / READINGS_PER_OPENING))),
      ),
    });
  };
}

/** Lets callers send commands, each as fast as it gets responses. @param {LoadPhase} phase @returns {Promise<LoadResult>} */
async function runPhase(phase) {
  /** @type {number[]} */
  const latencies = [];
  /** @type {string[]} */
  const failures = [];
  let failureCount = 0;
  // Instances close connections that were idle for some seconds, between two phases.
  agents = options.urls.map(() => new Agent({ keepAlive: true }));
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + phase.seconds * 1_000;
  const runCaller = async (/** @type {number} */ caller) => {
    const send = createCaller(phase, caller);
    while (performance.now() < endsAt) {
      const sentAt = performance.now();
      const sending = send();
      if (!sending) return;
      try {
        await sending;
        latencies.push(performance.now() - sentAt);
      } catch (error) {
        failureCount++;
        if (failures.length < MAX_FAILURES) failures.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: phase.callers }, (_, caller) => runCaller(caller)));
  for (const agent of agents) agent.destroy();
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    count: latencies.length,
    seconds: (performance.now() - startedAt) / 1_000,
    p50: computePercentile(latencies, 50),
    p99: computePercentile(latencies, 99),
    cpuMs: (user + system) / 1_000,
    failures,
    failureCount,
  };
}

process.on('message', (message) => {
  if ('urls' in /** @type {object} */ (message)) {
    options = /** @type {LoadOptions} */ (message);
    process.send?.('ready');
    return;
  }
  void runPhase(/** @type {LoadPhase} */ (message)).then((result) => process.send?.(result));
});
