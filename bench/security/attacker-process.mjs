// Attacks a gateway in a process of its own, so that the attacker's work does not delay the clients that are measured.
import { setPriority } from 'node:os';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ATTACKS } from './attacks.mjs';

/**
 * @typedef {object} AttackJob
 * @property {number} index of the attack in the list
 * @property {string} origin of the gateway
 * @property {string} [token] none for an anonymous attacker
 * @property {number} seconds
 * @property {number} concurrency number of connections
 *
 * @typedef {object} AttackResult
 * @property {number} count number of answered requests, or of opened sockets
 * @property {Record<string, number>} answers number of answers by their first error code, or else their status
 * @property {number} [slowestMs] of a request
 */

/** The attacker yields the processor to the gateway. */
const LOW_PRIORITY = 10;
/** No request waits longer. */
const REQUEST_TIMEOUT_MS = 20_000;
const SOCKET_LIMIT = 500;
const CODE_PATTERN = /"code":"(\w+)"/;

/** @type {Map<string, number>} */
const answers = new Map();
/** @param {string} answer */
const countAnswer = (answer) => void answers.set(answer, (answers.get(answer) ?? 0) + 1);

/** @param {AttackJob} job @param {import('./attacks.mjs').AttackRequest} attack @param {Agent} agent */
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
  countAnswer(CODE_PATTERN.exec(text)?.[1] ?? String(response.statusCode));
}

/** @param {AttackJob} job @param {import('./attacks.mjs').HttpAttack} attack */
async function attackOverHttp(job, attack) {
  const agent = new Agent({ keepAlive: true, maxSockets: job.concurrency });
  const endsAt = performance.now() + job.seconds * 1_000;
  let count = 0;
  let slowestMs = 0;
  const sendRequests = async () => {
    while (performance.now() < endsAt) {
      const sentAt = performance.now();
      await sendRequest(job, attack.createRequest(count++), agent).catch((/** @type {unknown} */ error) =>
        countAnswer(error instanceof Error ? error.message : String(error)),
      );
      slowestMs = Math.max(slowestMs, performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: job.concurrency }, sendRequests));
  agent.destroy();
  return { count, slowestMs };
}

/** @param {AttackJob} job @param {import('./attacks.mjs').WebSocketAttack} attack */
async function attackOverWebSocket({ origin, token, seconds }, attack) {
  /** @type {WebSocket[]} */
  const sockets = [];
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt && sockets.length < SOCKET_LIMIT) {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const messages = attack.createMessages(sockets.length, token);
    sockets.push(socket);
    socket.on('error', (error) => countAnswer(error.message));
    socket.on('close', (code) => countAnswer(String(code)));
    socket.on('message', (/** @type {Buffer} */ data) => {
      const text = data.toString();
      const code = CODE_PATTERN.exec(text)?.[1];
      if (code !== undefined) countAnswer(code);
      if (text.includes('connection_ack'))
        for (const each of messages.slice(1)) socket.send(JSON.stringify(each));
    });
    socket.on('open', () => {
      countAnswer('opened');
      if (messages[0]) socket.send(JSON.stringify(messages[0]));
    });
    await sleep(5);
  }
  await sleep(Math.max(0, endsAt - performance.now()));
  for (const socket of sockets) socket.terminate();
  return { count: sockets.length };
}

/** @param {AttackJob} job */
async function runJob(job) {
  setPriority(LOW_PRIORITY);
  const attack = ATTACKS[job.index];
  if (!attack) throw new Error(`There is no attack ${String(job.index)}.`);
  const result =
    'createRequest' in attack ? await attackOverHttp(job, attack) : await attackOverWebSocket(job, attack);
  process.send?.({ ...result, answers: Object.fromEntries(answers) });
  process.disconnect();
}

process.once('message', (/** @type {AttackJob} */ job) => void runJob(job));
