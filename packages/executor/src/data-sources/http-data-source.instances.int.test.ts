import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import { silentLogger } from '../testing/test-executor.js';
import { waitUntil } from '../testing/wait-until.js';
import { createSubgraphOperation, type DataSource } from './data-source.js';
import { createDataSource, type DataSourceOptions } from './http-data-source.js';

const stops: (() => void | Promise<void>)[] = [];
let folder: string;
let mutationsFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'instances-'));
  mutationsFile = join(folder, 'mutations');
  writeFileSync(mutationsFile, '');
});
afterEach(async () => {
  // The data source first, so that no request is lost.
  for (const stop of stops.splice(0).reverse()) await stop();
  rmSync(folder, { recursive: true });
});

function open(urls: readonly string[], options: Partial<DataSourceOptions> = {}): DataSource {
  const source = createDataSource({
    name: 'reports',
    url: urls,
    logger: silentLogger,
    retries: { backoffMs: 1 },
    // On a busy machine, an instance may need a second for an answer.
    instanceChecks: { path: '/ready', intervalMs: 50, timeoutMs: 3_000 },
    ...options,
  });
  stops.push(async () => source.close?.());
  return source;
}

const send = (source: DataSource, kind: 'query' | 'mutation' = 'query', id = '', fairnessKey?: string) => {
  const { signal, abortSignal } = createLightAbortController();
  return source.fetch(
    {
      operation: createSubgraphOperation(kind, `${kind} { pid }`, undefined),
      variables: JSON.stringify({ id }),
      entityCount: undefined,
    },
    { signal, abortSignal, ...(fairnessKey !== undefined && { operationContext: { fairnessKey } }) },
  );
};

const getStates = ({ instances = [] }: DataSource) => instances.map(({ state }) => state);

describe('instances in this process', () => {
  async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
  }
  /** Answers `/ready` with a status that tests change, and other requests with a name. */
  async function serveNamed(name: string) {
    const state = { readyStatus: 200, status: 200, count: 0 };
    const { url, server } = await serve((request, response) => {
      if (request.url === '/ready') {
        response.writeHead(state.readyStatus).end();
        return;
      }
      state.count += 1;
      response
        .writeHead(state.status)
        .end(state.status === 200 ? JSON.stringify({ data: { pid: name } }) : '');
    });
    return { url, server, state };
  }
  const requestTwenty = async (source: DataSource) => {
    const responses = [];
    for (let count = 0; count < 20; count++) responses.push(await send(source));
    return responses;
  };

  test('requests are shared, and responses name the instance', async () => {
    const [a, b] = [await serveNamed('a'), await serveNamed('b')];
    const source = open([a.url, b.url]);
    const responses = await requestTwenty(source);
    expect([a.state.count, b.state.count]).toEqual([10, 10]);
    expect(new Set(responses.map(({ instance }) => instance))).toEqual(new Set([a.url, b.url]));
    expect(source.instances).toMatchObject([
      { url: a.url, state: 'available', circuitBreakerState: 'closed', runningRequests: 0 },
      { url: b.url, state: 'available', circuitBreakerState: 'closed', runningRequests: 0 },
    ]);
  });

  test('a single instance is neither checked nor named', async () => {
    const a = await serveNamed('a');
    const source = open([a.url, a.url]);
    const [response] = await requestTwenty(source);
    expect(response).toEqual({ data: { pid: 'a' } });
    expect(source.instances).toHaveLength(1);
  });

  test('an instance that is not ready gets no requests until it is; if none is ready, requests are sent', async () => {
    const [a, b] = [await serveNamed('a'), await serveNamed('b')];
    const source = open([a.url, b.url]);
    a.state.readyStatus = 503;
    await waitUntil(() => getStates(source)[0] === 'not-ready');
    await requestTwenty(source);
    expect([a.state.count, b.state.count]).toEqual([0, 20]);
    b.state.readyStatus = 503;
    await waitUntil(() => getStates(source)[1] === 'not-ready');
    expect((await requestTwenty(source)).every(({ errors }) => errors === undefined)).toBe(true);
    a.state.readyStatus = b.state.readyStatus = 200;
    await waitUntil(() => getStates(source).every((state) => state === 'available'));
  });

  test('a query that an instance cannot answer is answered by the other one; a mutation is not sent again', async () => {
    const [a, b] = [await serveNamed('a'), await serveNamed('b')];
    a.state.status = 503;
    const source = open([a.url, b.url], { retries: { reserve: 100 } });
    const responses = await requestTwenty(source);
    expect(responses.map(({ data }) => data)).toEqual(Array(20).fill({ pid: 'b' }));
    const before = a.state.count + b.state.count;
    const mutations = [await send(source, 'mutation'), await send(source, 'mutation')];
    expect(a.state.count + b.state.count - before).toBe(2);
    expect(mutations.filter(({ errors }) => errors)).toHaveLength(1);
  });

  test('an instance that often fails has an open circuit breaker and gets no requests, the others do', async () => {
    const [a, b] = [await serveNamed('a'), await serveNamed('b')];
    a.state.status = 503;
    const source = open([a.url, b.url], { circuitBreaker: { requests: 4 }, retries: { reserve: 100 } });
    await requestTwenty(source);
    expect(a.state.count).toBe(4);
    expect(source.instances?.map(({ circuitBreakerState }) => circuitBreakerState)).toEqual([
      'open',
      'closed',
    ]);
    expect(source.circuitBreakerState).toBe('closed');
  });

  test('a mutation whose connection is refused is sent to the other instance', async () => {
    const [a, b] = [await serveNamed('a'), await serveNamed('b')];
    a.server.close();
    const source = open([a.url, b.url], { instanceChecks: {} });
    for (let count = 0; count < 4; count++) {
      expect(await send(source, 'mutation')).toEqual({ data: { pid: 'b' }, instance: b.url });
    }
    expect(getStates(source)).toEqual(['refused', 'available']);
  });

  test('a mutation whose connection breaks is not sent again, a query is', async () => {
    let received = 0;
    const { url } = await serve((request) => {
      received += 1;
      request.socket.destroy();
    });
    const b = await serveNamed('b');
    const sendTwice = async (kind: 'query' | 'mutation') => {
      const source = open([url, b.url], { instanceChecks: {} });
      const before = received + b.state.count;
      const responses = [await send(source, kind), await send(source, kind)];
      const failed = responses.filter(({ errors }) => errors).length;
      return { failed, sent: received + b.state.count - before };
    };
    expect(await sendTwice('mutation')).toEqual({ failed: 1, sent: 2 });
    expect(await sendTwice('query')).toMatchObject({ failed: 0 });
  });

  test('instances that are away leave the one that runs all retries', async () => {
    const [a, b] = [await serveNamed('a'), await serveNamed('b')];
    let count = 0;
    const { url } = await serve((request, response) => {
      if (request.url === '/ready') {
        response.end();
        return;
      }
      count += 1;
      response.writeHead(count % 3 === 0 ? 200 : 503).end(count % 3 === 0 ? '{"data":{"pid":"c"}}' : '');
    });
    for (const { server } of [a, b]) server.close();
    const source = open([a.url, b.url, url]);
    await waitUntil(() => String(getStates(source)) === 'refused,refused,available');
    for (let sent = 1; sent <= 3; sent++) {
      expect(await send(source)).toEqual({ data: { pid: 'c' }, instance: url });
      expect(count).toBe(3 * sent);
    }
  });

  test('a failure names the instance in the log, and no client sees its URL', async () => {
    const logged: unknown[] = [];
    const { url } = await serve((_, response) => void response.end('no JSON'));
    const source = open([url, `${url}/other`], {
      logger: { ...silentLogger, warn: (details: unknown) => void logged.push(details) },
    });
    const { errors, instance } = await send(source);
    expect(errors?.[0]?.message).toBe('The subgraph "reports" returned an invalid response.');
    expect(logged).toContainEqual(expect.objectContaining({ service: 'reports', url: instance }));
  });

  test('the limits are those of the subgraph, however many instances it has', async () => {
    const waiting: (() => void)[] = [];
    let running = 0;
    const listener: RequestListener = (request, response) => {
      if (request.url === '/ready') {
        response.end();
        return;
      }
      running += 1;
      waiting.push(() => {
        running -= 1;
        response.end('{"data":{"pid":1}}');
      });
    };
    const [a, b] = [await serve(listener), await serve(listener)];
    const source = open([a.url, b.url], { connections: 4, maxRequestsPerCaller: 3 });
    const responses = [1, 2, 3, 4].map(() => send(source, 'query', '', 'ana'));
    await waitUntil(() => running === 3);
    responses.push(...[1, 2, 3].map(() => send(source, 'query', '', 'eva')));
    await waitUntil(() => running === 4);
    expect(source.statistics?.waitingRequests).toBe(3);
    expect(source.instances?.map(({ runningRequests }) => runningRequests)).toEqual([2, 2]);
    let done = false;
    void Promise.all(responses).then(() => (done = true));
    await waitUntil(() => {
      expect(running).toBeLessThanOrEqual(4);
      waiting.shift()?.();
      return done;
    });
    expect(source.statistics).toMatchObject({ waitingRequests: 0, runningRequests: 0, outcomes: { ok: 7 } });
  });
});

describe('instances in other processes', () => {
  const script = fileURLToPath(new URL('../testing/instance-process.mjs', import.meta.url));

  async function start(port = '0') {
    const child: ChildProcess = spawn(process.execPath, [script, mutationsFile, port], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [printed] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const stop = async () => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await exited;
    };
    stops.push(stop);
    const usedPort = String(printed).trim();
    return { child, stop, port: usedPort, url: `http://127.0.0.1:${usedPort}/graphql` };
  }
  const listMutations = () => readFileSync(mutationsFile, 'utf8').split('\n').filter(Boolean);

  test('an instance is killed under load: no query fails, no mutation runs twice, and it gets requests again', async () => {
    const [a, b] = [await start(), await start()];
    const source = open([a.url, b.url]);
    const failedQueries: unknown[] = [];
    const confirmed: string[] = [];
    const unknown: string[] = [];
    let isLoaded = true;
    let count = 0;
    const load = Array.from({ length: 30 }, async (_, client) => {
      while (isLoaded) {
        const id = `${client}-${count++}`;
        if (client % 3 > 0) {
          const { errors } = await send(source);
          if (errors) failedQueries.push(errors);
        } else {
          const { errors } = await send(source, 'mutation', id);
          (errors ? unknown : confirmed).push(id);
        }
      }
    });
    await waitUntil(() => count > 300);
    await a.stop();
    const atKill = count;
    await waitUntil(() => count > atKill + 300);
    expect(getStates(source)).toEqual(['refused', 'available']);
    const restarted = await start(a.port);
    await waitUntil(() => getStates(source)[0] === 'available');
    const atRestart = count;
    await waitUntil(() => count > atRestart + 300);
    isLoaded = false;
    await Promise.all(load);
    expect(failedQueries).toEqual([]);
    const mutations = listMutations();
    expect(new Set(mutations).size).toBe(mutations.length);
    expect(mutations).toEqual(expect.arrayContaining(confirmed));
    // At most those that the killed process had received.
    expect(unknown.length).toBeLessThanOrEqual(10);
    expect(restarted.child.exitCode).toBeNull();
  });

  test('an instance is suspended under load: queries move to the other one, mutations are answered when it continues', async () => {
    const [a, b] = [await start(), await start()];
    const source = open([a.url, b.url], { timeoutMs: 30_000 });
    const send20 = (kind: 'query' | 'mutation') =>
      Array.from({ length: 20 }, (_, index) => send(source, kind, `${kind}-${index}`));
    await Promise.all(send20('query'));
    a.child.kill('SIGSTOP');
    const mutations = send20('mutation');
    const responses = await Promise.all(send20('query'));
    expect(responses.filter(({ errors }) => errors)).toEqual([]);
    await waitUntil(() => getStates(source)[0] === 'silent');
    // New mutations are not sent to it.
    const later = await Promise.all(send20('mutation'));
    expect(new Set(later.map(({ instance }) => instance))).toEqual(new Set([b.url]));
    a.child.kill('SIGCONT');
    const answered = await Promise.all(mutations);
    expect(answered.filter(({ errors }) => errors)).toEqual([]);
    expect(new Set(answered.map(({ instance }) => instance))).toEqual(new Set([a.url, b.url]));
    expect(listMutations()).toHaveLength(40);
    await waitUntil(() => getStates(source)[0] === 'available');
  });

  test('all instances are away for a moment: requests that were not sent wait', async () => {
    const [a, b] = [await start(), await start()];
    const source = open([a.url, b.url], { maxReplacementWaitMs: 10_000 });
    await a.stop();
    await b.stop();
    const responses = [send(source), send(source, 'mutation', 'late')];
    await waitUntil(() => getStates(source).every((state) => state === 'refused'));
    await start(b.port);
    for (const { errors } of await Promise.all(responses)) expect(errors).toBeUndefined();
    expect(listMutations()).toEqual(['late']);
  });
});
