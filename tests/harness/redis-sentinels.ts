import { join } from 'node:path';
import {
  findRedisProgram,
  prepareRedisSentinels,
  startProgram,
  type RunningProgram,
} from '@seguridad-abc/cli';
import { eventually, freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';

/** A Redis master with a replica and three Sentinels, as processes of a test. */
export interface TestSentinels {
  /** `REDIS_URL`, `REDIS_SENTINELS` and what belongs to them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The URL of the server that the Sentinels name. */
  findMasterUrl(): Promise<string>;
  /** Ends the master with SIGKILL; resolves with its URL when it has ended. */
  killMaster(): Promise<string>;
  /** Suspends the master; returns a function that lets it go on. */
  freezeMaster(): Promise<() => void>;
  /** Starts a server that was killed. */
  restart(url: string): Promise<void>;
  /** Resolves with the URL of the new master when the Sentinels name another one than that, and it accepts writes. */
  waitForFailover(from: string): Promise<string>;
  close(): Promise<void>;
}

const FAILOVER_TIMEOUT_MS = 60_000;

/** @param downAfterMs a master that is silent for this time is replaced */
export async function startSentinels({ downAfterMs = 1_000 } = {}): Promise<TestSentinels> {
  const program = findRedisProgram();
  if (program === undefined) throw new Error('This machine has no Redis.');
  const folder = temporaryFolder();
  const prepared = prepareRedisSentinels({
    program,
    folder: join(folder.path, 'redis'),
    serverPorts: [await freePort(), await freePort()],
    sentinelPorts: [await freePort(), await freePort(), await freePort()],
    stopOrder: 1,
    downAfterMs,
  });
  const { signal } = new AbortController();
  const running = new Map<string, RunningProgram>();
  const start = async (url: string) => {
    const index = prepared.urls.indexOf(url);
    const server = prepared.servers[index];
    if (server) running.set(url, await startProgram(server, { signal }));
  };
  for (const url of prepared.urls) await start(url);
  const sentinels = await Promise.all(prepared.sentinels.map((each) => startProgram(each, { signal })));

  const askSentinel = async <Result>(ask: (sentinel: Redis) => Promise<Result>) => {
    const sentinel = new Redis(prepared.sentinelUrls[0] ?? '');
    try {
      return await ask(sentinel);
    } finally {
      sentinel.disconnect();
    }
  };
  const findMasterUrl = async () => {
    const [, port = ''] = await askSentinel(
      async (sentinel) =>
        (await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'mymaster')) as string[],
    );
    return prepared.urls.find((url) => url.endsWith(`:${port}`)) ?? '';
  };
  // A failover needs a replica that all Sentinels know.
  await eventually(async () => {
    for (const url of prepared.sentinelUrls) {
      const sentinel = new Redis(url);
      try {
        const [replicas, others] = await Promise.all(
          ['replicas', 'sentinels'].map(
            async (kind) => (await sentinel.call('SENTINEL', kind, 'mymaster')) as unknown[],
          ),
        );
        if (replicas?.length !== 1 || others?.length !== 2)
          throw new Error('The Sentinels do not know all servers yet.');
      } finally {
        sentinel.disconnect();
      }
    }
  }, FAILOVER_TIMEOUT_MS);

  return {
    settings: prepared.settings,
    findMasterUrl,
    async killMaster() {
      const url = await findMasterUrl();
      running.get(url)?.signal('SIGKILL');
      await running.get(url)?.ended;
      return url;
    },
    async freezeMaster() {
      const master = running.get(await findMasterUrl());
      master?.signal('SIGSTOP');
      return () => master?.signal('SIGCONT');
    },
    restart: start,
    waitForFailover: (from) =>
      eventually(async () => {
        const url = await findMasterUrl();
        if (url === from) throw new Error('There was no failover.');
        const redis = new Redis(url, { retryStrategy: () => null });
        redis.on('error', () => undefined);
        try {
          const [role] = (await redis.call('ROLE')) as string[];
          if (role !== 'master') throw new Error(`The new master is still a ${String(role)}.`);
        } finally {
          redis.disconnect();
        }
        return url;
      }, FAILOVER_TIMEOUT_MS),
    async close() {
      for (const program of [...sentinels, ...running.values()]) {
        program.signal('SIGCONT');
        program.signal('SIGKILL');
        await program.ended;
      }
      folder.remove();
    },
  };
}
