import { once } from 'node:events';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createGatewayService, readGatewayConfig } from '@seguridad-abc/gateway';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { freePort, startRedis, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readMainThreadCpuMs } from '../../bench/security/process-usage.mjs';

/*
 * Requests of an attacker to a gateway in production. Each must be refused for little work: the subgraphs are not even
 * running. Without the checks some of these requests stop the gateway for seconds or minutes.
 */

const HOUR_MS = 3_600_000;
/** Five times what a request may cost the gateway's main thread. */
const MAX_CPU_MS = 500;

let url: string;
let tokens: { customer: string; operator: string };
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  const [redis, port, folder] = [await startRedis(), await freePort(), temporaryFolder()];
  const gateway = createGatewayService(
    readGatewayConfig({
      NODE_ENV: 'production',
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'silent',
      // Clients without a token are served something at all.
      PUBLIC_STATUS: 'true',
      // All attacks together exceed the allowance of a customer. Here, each must be refused for what it is.
      RATE_BURST_CUSTOMER: '100000000',
      SUPERGRAPH: new URL('../../supergraph.graphql', import.meta.url).pathname,
    }),
  );
  await gateway.start();
  cleanUp.push(
    () => gateway.stop(),
    () => redis.close(),
    () => folder.remove(),
  );
  const issue = async (role: 'customer' | 'operator') =>
    `Bearer ${await issueEmbeddedToken(folder.path, { id: role, role }, HOUR_MS)}`;
  tokens = { customer: await issue('customer'), operator: await issue('operator') };
  url = `http://127.0.0.1:${port}/graphql`;
  // The first request of a kind compiles what later ones use.
  await send({ query: '{ viewer { id } }' });
});
afterAll(async () => {
  for (const undo of cleanUp) await undo();
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

async function send(body: unknown, { authorization = tokens.customer, headers = {} } = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(authorization && { authorization }),
      ...headers,
    },
    body: body instanceof Buffer || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const { errors } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  return { status: response.status, code: errors?.[0]?.extensions?.code, text };
}

/** Sends an attack and returns its answer with the CPU time that this thread, client included, spent on it. */
async function measure(attack: () => Promise<Answer>): Promise<Answer & { cpuMs: number }> {
  // Planning workers start in the background, and are not what delays other clients.
  const before = readMainThreadCpuMs(process.pid);
  const answer = await attack();
  return { ...answer, cpuMs: readMainThreadCpuMs(process.pid) - before };
}

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const MUTATION = 'deleteRule(input: { id: "r", expectedVersion: 1 }) { rule { id } }';
const SIMULATION =
  'simulateRule(rule: { opening: "o" }, from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z") { openSeconds }';

describe('a customer is refused', () => {
  test.each<[string, () => unknown, string]>([
    [
      'pages nested in pages',
      () => ({
        query:
          '{ viewer { rules(first: 200) { nodes { user { rules(first: 200) { nodes { user { rules(first: 200) { nodes { id } } } } } } } } } }',
      }),
      'OPERATION_TOO_COSTLY',
    ],
    [
      'pages nested in pages, with sizes in variables',
      () => ({
        query:
          'query ($n: Int) { viewer { rules(first: $n) { nodes { user { rules(first: $n) { nodes { user { rules(first: $n) { nodes { id } } } } } } } } } }',
        variables: { n: 200 },
      }),
      'OPERATION_TOO_COSTLY',
    ],
    [
      '330 mutations',
      () => ({ query: `mutation { ${repeat(330, (i) => `a${i}: ${MUTATION}`)} }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '250 simulations',
      () => ({ query: `{ ${repeat(250, (i) => `a${i}: ${SIMULATION}`)} }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '21 root fields',
      () => ({ query: `{ ${repeat(21, () => 'viewer { id }')} }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '31 aliases',
      () => ({ query: `{ viewer { ${repeat(31, (i) => `a${i}: id`)} } }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'aliases in fragments',
      () => ({
        query: `{ viewer { ${repeat(16, () => '...A')} } } fragment A on User { a: id b: id }`,
      }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '51 directives',
      () => ({ query: `{ viewer ${repeat(51, () => '@include(if: true)')} { id } }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'fields that nest 16 deep',
      () => ({
        query: `{ viewer { ${repeat(7, () => 'rules { nodes { user {')} id ${repeat(7, () => '} } }')} } }`,
      }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'fragments that grow exponentially',
      () => ({
        query: `{ viewer { ...F0 } } ${repeat(60, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`)} fragment F60 on User { id }`,
      }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'lists that would exhaust the parser’s stack',
      () => ({ query: `{ rules(filter: ${'['.repeat(4_900)}${']'.repeat(4_900)}) { nodes { id } } }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'selections that would exhaust the parser’s stack',
      () => ({ query: `{${'a{'.repeat(3_300)}b${'}'.repeat(3_300)}}` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'a document of 257 KiB of comments',
      () => ({ query: `{ viewer { id } } ${'#\n'.repeat(131_600)}` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '10,001 tokens',
      () => ({ query: `{ viewer { ${repeat(10_000, () => 'id')} } }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'the same field 4,900 times, which must be compared with each other',
      () => ({ query: `{ viewer { ${repeat(4_900, () => 'id')} } }` }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '4,000 unknown fields',
      () => ({ query: `{ viewer { ${repeat(4_000, (i) => `x${i}`)} } }` }),
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '100 operations in a document',
      () => ({ query: repeat(100, (i) => `query Q${i} { viewer { id } }`), operationName: 'Q1' }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '60,000 values in a variable',
      () => ({
        query: 'query ($f: RuleFilter) { rules(filter: $f) { nodes { id } } }',
        variables: { f: { severities: Array.from({ length: 60_000 }, () => 'INFO') } },
      }),
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'variables that nest 100,000 deep',
      () => `{"query":"{ viewer { id } }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'a body of more than 2 MiB',
      () => ({ query: `{ viewer { id } } #${'x'.repeat(2_097_152)}` }),
      'PAYLOAD_TOO_LARGE',
    ],
    ['a batch', () => [{ query: '{ viewer { id } }' }, { query: '{ viewer { id } }' }], 'BAD_REQUEST'],
    ['introspection', () => ({ query: '{ __schema { types { name } } }' }), 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a misspelt field, without a suggestion',
      () => ({ query: '{ viewr { id } }' }),
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s', async (_attack, createBody, code) => {
    const body = createBody();
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await measure(() => send(text));
    expect(answer, answer.text.slice(0, 300)).toMatchObject({ code });
    expect(answer.text.length).toBeLessThan(30_000);
    expect(answer.text).not.toContain('Did you mean');
    expect(answer.cpuMs).toBeLessThan(MAX_CPU_MS);
  });

  test('a small body that decompresses to more than 2 MiB', async () => {
    // A synchronous compression takes seconds on a busy machine: the gateway would close the connection meanwhile.
    const bomb = await promisify(gzip)(
      JSON.stringify({ query: `{ viewer { id } } #${' '.repeat(50_000_000)}` }),
    );
    expect(bomb.length).toBeLessThan(65_536);
    const answer = await measure(() => send(bomb, { headers: { 'content-encoding': 'gzip' } }));
    expect(answer).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect(answer.cpuMs).toBeLessThan(MAX_CPU_MS);
  });
});

describe('a client without a token is refused', () => {
  test('a body of more than 64 KiB', async () => {
    const answer = await send(
      { query: `{ services { name } } #${'x'.repeat(65_536)}` },
      { authorization: '' },
    );
    expect(answer).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
  });

  test('everything else, before it is planned', async () => {
    const mutations = `mutation { ${repeat(20, (i) => `a${i}: ${MUTATION}`)} }`;
    const answer = await measure(() => send({ query: mutations }, { authorization: '' }));
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.cpuMs).toBeLessThan(MAX_CPU_MS / 5);
  });
});

describe('an operator may read more, with the cost on request', () => {
  test('the extension "cost" returns the estimate and the budget', async () => {
    const query = '{ rules(first: 200) { nodes { user { rules(first: 100) { nodes { id } } } } } }';
    const body = { query, extensions: { cost: true } };
    const { text } = await send(body, { authorization: tokens.operator });
    expect(JSON.parse(text)).toMatchObject({ extensions: { cost: { budget: 100_000 } } });
  });
});

test('memory does not grow with documents that are full of comments', async () => {
  const comments = '#\n'.repeat(120_000);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 30; i += 1) await send({ query: `{ viewer { a${i % 20}: id } } ${comments}# ${i}` });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(250_000_000);
});

describe('a WebSocket is closed', () => {
  async function open() {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    await once(socket, 'open');
    return { socket, closed, send: (message: object) => socket.send(JSON.stringify(message)) };
  }

  test.each([
    [1_000, 'The id of an operation has at most 200 characters. Use a shorter one.'],
    [1_000_000, 'The request has a text with more than 262144 bytes. Send a smaller one.'],
  ])('after an operation id of %i bytes, which the gateway would keep', async (length, message) => {
    const { socket, closed, send: sendMessage } = await open();
    sendMessage({ type: 'connection_init', payload: { authorization: tokens.customer } });
    await once(socket, 'message');
    sendMessage({ id: 'x'.repeat(length), type: 'subscribe', payload: { query: '{ viewer { id } }' } });
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toStrictEqual([4400, message]);
  });

  test('after a message of more than 16 KiB from a client that is not accepted yet', async () => {
    const { closed, send: sendMessage } = await open();
    sendMessage({ type: 'connection_init', payload: { authorization: 'x'.repeat(20_000) } });
    expect((await closed)[0]).toBe(1009);
  });
});
