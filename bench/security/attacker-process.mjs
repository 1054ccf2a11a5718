// Attacks a gateway in a separate process, so that the attacker's work does not delay the clients that are measured. It runs
// one job after the other, and ends when its parent disconnects.
import { setMaxListeners } from 'node:events';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ATTACKS } from './attacks.mjs';
import { readRealTimePriority } from './process-usage.mjs';

/**
 * @typedef {object} AttackJob
 * @property {number} [index] of the attack in the list; without it, the attacker computes and sends nothing
 * @property {string} origin of the gateway
 * @property {string} [token] none for an anonymous attacker
 * @property {number} seconds the attack ends after this time
 * @property {number} [maxRequests] the attack ends after this number of requests, or when this number of sockets has the answer
 * @property {number} concurrency number of connections
 *
 * @typedef {object} AttackResult
 * @property {number} count number of answered requests, or of sent messages and opened sockets
 * @property {Record<string, number>} answers number of answers by their first error code, or else their status
 * @property {number} cpuMs CPU time of the attacker's process, in milliseconds
 * @property {number} [slowestMs] of a request
 */

/** The attacker yields the processor to the gateway, whatever the priority of both. */
const PRIORITY_STEP = 10;
/** The lowest priority of a process. */
const MAX_NICENESS = 19;
const US_PER_MS = 1_000;
/** No request waits longer. */
const REQUEST_TIMEOUT_MS = 20_000;
const DEFAULT_MAX_SOCKETS = 500;
const RECONNECT_DELAY_MS = 20;
const CODE_PATTERN = /"code":"(\w+)"/;

/** The answers to one job. Connections that close after its end do not count for the next one. */
class AnswerCounts {
  /** @type {Map<string, number>} */
  counts = new Map();
  /** @param {string} answer */
  add = (answer) => void this.counts.set(answer, this.get(answer) + 1);
  /** @param {string} answer */
  get = (answer) => this.counts.get(answer) ?? 0;
}

/**
 * @param {AttackJob} job @param {import('./attacks.mjs').AttackRequest} attack @param {Agent} agent
 * @returns {Promise<string>} the answer
 */
async function sendRequest({ origin, token }, { method = 'POST', path = '/graphql', headers, body }, agent) {
  const message = request(`${origin}${path}`, {
    method,
    agent,
    timeout: REQUEST_TIMEOUT_MS,
    headers: {
      accept: 'application/graphql-response+json, */*',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  message.on('timeout', () => message.destroy(new Error('TIMEOUT')));
  message.end(body);
  const response = await /** @type {Promise<import('node:http').IncomingMessage>} */ (
    new Promise((resolve, reject) => {
      message.once('response', resolve);
      message.once('error', reject);
    })
  );
  let text = '';
  for await (const chunk of response) text = `${text}${String(chunk)}`.slice(0, 4_000);
  return CODE_PATTERN.exec(text)?.[1] ?? String(response.statusCode);
}

/** @param {AttackJob} job @param {import('./attacks.mjs').HttpAttack} attack @param {AnswerCounts} answers */
async function attackOverHttp(job, attack, answers) {
  const { connections = job.concurrency } = attack;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const endsAt = performance.now() + job.seconds * 1_000;
  let count = 0;
  let slowestMs = 0;
  const sendRequests = async () => {
    while (performance.now() < endsAt && count < (job.maxRequests ?? Infinity)) {
      const sentAt = performance.now();
      const answer = await sendRequest(job, attack.createRequest(count++), agent).catch(
        (/** @type {unknown} */ error) => (error instanceof Error ? error.message : String(error)),
      );
      answers.add(answer);
      slowestMs = Math.max(slowestMs, performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, sendRequests));
  agent.destroy();
  return { count, slowestMs };
}

/** @param {AttackJob} job @param {import('./attacks.mjs').WebSocketAttack} attack @param {AnswerCounts} answers */
async function attackOverWebSocket({ origin, token, seconds, maxRequests }, attack, answers) {
  /** @type {WebSocket[]} */
  const sockets = [];
  let count = 0;
  /** @param {WebSocket} socket @param {readonly (object | string)[]} messages */
  const sendMessages = (socket, messages) => {
    for (const message of messages)
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    count += messages.length;
  };
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt && sockets.length < (maxRequests ?? DEFAULT_MAX_SOCKETS)) {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const messages = attack.createMessages(sockets.length, token);
    sockets.push(socket);
    socket.on('error', (error) => answers.add(error.message));
    socket.on('close', (code) => answers.add(String(code)));
    socket.on('message', (/** @type {Buffer} */ data) => {
      const text = data.toString();
      const code = CODE_PATTERN.exec(text)?.[1];
      if (code !== undefined) answers.add(code);
      if (text.includes('connection_ack')) sendMessages(socket, messages.slice(1));
    });
    socket.on('open', () => {
      answers.add('opened');
      count += 1;
      sendMessages(socket, messages.slice(0, 1));
    });
    await sleep(5);
  }
  while (
    performance.now() < endsAt &&
    (maxRequests === undefined || answers.get(attack.answer) < maxRequests)
  ) {
    await sleep(20);
  }
  for (const socket of sockets) socket.terminate();
  return { count };
}

/**
 * Opens one connection and sends until it is closed.
 * @param {AttackJob} job @param {import('./attacks.mjs').RawAttack} attack @param {AnswerCounts} answers
 * @param {AbortSignal} signal
 * @param {{ onSent: () => void, onAnswer: () => void }} listener called for each sent piece, and when the connection
 *   has its first answer
 */
async function sendBytes({ origin, token }, attack, answers, signal, { onSent, onAnswer }) {
  const { host, hostname, port } = new URL(origin);
  const repeated = attack.createRepeated?.(host, token);
  const connection = connect(Number(port), hostname);
  const closed = new Promise((resolve) => connection.once('close', resolve));
  const destroy = () => connection.destroy();
  signal.addEventListener('abort', destroy);
  connection.on('error', (error) => answers.add(error.message));
  const repeat = () => {
    if (repeated === undefined || connection.destroyed) return;
    onSent();
    // A gateway that closes the connection is noticed between two pieces.
    connection.write(repeated, () => setImmediate(repeat));
  };
  let isAnswered = false;
  let isWaiting = attack.repeatAfter !== undefined;
  connection.on('data', (data) => {
    const text = data.toString('latin1');
    for (const [, status, code] of text.matchAll(/HTTP\/1\.1 (\d{3})|"code":"(\w+)"/g))
      answers.add(String(status ?? code));
    if (!isAnswered) onAnswer();
    isAnswered = true;
    if (isWaiting && text.includes(attack.repeatAfter ?? '')) {
      isWaiting = false;
      repeat();
    }
  });
  connection.once('connect', () => {
    answers.add('opened');
    onSent();
    connection.write(attack.createOpening(host, token));
    if (!isWaiting) repeat();
  });
  await closed;
  signal.removeEventListener('abort', destroy);
}

/** @param {AttackJob} job @param {import('./attacks.mjs').RawAttack} attack @param {AnswerCounts} answers */
async function attackWithBytes(job, attack, answers) {
  const { connections = job.concurrency } = attack;
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  let count = 0;
  let answeredConnections = 0;
  const timer = setTimeout(() => end.abort(), job.seconds * 1_000);
  const endIfComplete = () => {
    const isComplete = count >= (job.maxRequests ?? Infinity) && answers.get(attack.answer) > 0;
    if (isComplete) end.abort();
  };
  const listener = {
    onSent: () => {
      count += 1;
      endIfComplete();
    },
    onAnswer: () => {
      answeredConnections += 1;
      // Connections that stay open send nothing more.
      if (answeredConnections >= connections) endIfComplete();
    },
  };
  const keepSending = async () => {
    while (!end.signal.aborted) {
      await sendBytes(job, attack, answers, end.signal, listener);
      await sleep(RECONNECT_DELAY_MS);
    }
  };
  await Promise.all(Array.from({ length: connections }, keepSending));
  clearTimeout(timer);
  return { count };
}

/** @param {AttackJob} job @param {import('./attacks.mjs').Attack} attack @param {AnswerCounts} answers */
function runAttack(job, attack, answers) {
  if ('createRequest' in attack) return attackOverHttp(job, attack, answers);
  if ('createMessages' in attack) return attackOverWebSocket(job, attack, answers);
  return attackWithBytes(job, attack, answers);
}

/** Computes without a pause. @param {number} seconds */
function compute(seconds) {
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt);
  return { count: 0 };
}

/** @param {AttackJob} job @param {AnswerCounts} answers */
function runAttackOrCompute(job, answers) {
  if (job.index === undefined) return compute(job.seconds);
  const attack = ATTACKS[job.index];
  if (!attack) throw new Error(`There is no attack ${String(job.index)}.`);
  return runAttack(job, attack, answers);
}

/** @param {AttackJob} job */
async function runJob(job) {
  const answers = new AnswerCounts();
  const cpuBefore = process.cpuUsage();
  const result = await runAttackOrCompute(job, answers);
  const { user, system } = process.cpuUsage(cpuBefore);
  process.send?.({
    ...result,
    cpuMs: (user + system) / US_PER_MS,
    answers: Object.fromEntries(answers.counts),
  });
}

function lowerPriority() {
  const realTimePriority = readRealTimePriority(process.pid);
  if (realTimePriority > 1) {
    // Such a process, as `chrt` starts it, ignores the priorities below.
    execFileSync('chrt', ['--rr', '--pid', String(realTimePriority - 1), String(process.pid)]);
    return;
  }
  setPriority(Math.min(getPriority() + PRIORITY_STEP, MAX_NICENESS));
  try {
    // Where Linux divides the CPU time among sessions first, the priority counts within this process's session only.
    writeFileSync('/proc/self/autogroup', String(PRIORITY_STEP));
  } catch {
    // This kernel does not.
  }
}

lowerPriority();
process.on('message', (/** @type {AttackJob} */ job) => void runJob(job));
process.once('disconnect', () => process.exit());
