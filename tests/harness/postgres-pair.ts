import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  findPostgresPrograms,
  preparePostgresPair,
  startProgram,
  type RunningProgram,
} from '@seguridad-abc/cli';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';

/** A PostgreSQL primary and its streaming replica, as processes of a test. */
export interface TestPostgresPair {
  /** With both hosts, for `DATABASE_URL`. */
  readonly url: string;
  readonly ports: { readonly primary: number; readonly replica: number };
  /** Ends the primary with SIGKILL; resolves when it has ended. */
  killPrimary(): Promise<void>;
  /** Starts the primary again, on its data. Not after `promoteReplica`. */
  startPrimary(): Promise<void>;
  /** Ends the replica with SIGKILL; resolves when it has ended. */
  killReplica(): Promise<void>;
  startReplica(): Promise<void>;
  /** Suspends or continues the primary. */
  signalPrimary(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Makes the replica the primary. The old primary must have ended. */
  promoteReplica(): Promise<void>;
  /** Runs SQL as superuser, on the primary or on the replica, and returns its rows as text. */
  query(sql: string, server?: 'primary' | 'replica'): string;
  /** Starts statements as superuser on the primary; resolves with the exit code of psql. */
  start(...statements: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

const QUERY_TIMEOUT_MS = 30_000;

/** Whether this machine has PostgreSQL 15 or newer. Tests that need it are skipped otherwise. */
export const hasPostgres = (): boolean => findPostgresPrograms() !== undefined;

/**
 * Starts a PostgreSQL primary and a streaming replica on free ports.
 * @param options `isSynchronous`: each commit waits for the replica
 */
export async function startPostgresPair({
  isSynchronous = false,
}: { readonly isSynchronous?: boolean } = {}): Promise<TestPostgresPair> {
  const programs = findPostgresPrograms();
  if (!programs) throw new Error('This machine has no PostgreSQL.');
  const folder = temporaryFolder();
  const ports = { primary: await freePort(), replica: await freePort() };
  const { signal } = new AbortController();
  const pair = await preparePostgresPair({
    programs,
    folder: join(folder.path, 'postgres'),
    ports,
    isSynchronous,
    stopOrder: 1,
    signal,
  });
  let primary: RunningProgram = await startProgram(pair.primary, { signal });
  let replica: RunningProgram = await startProgram(pair.replica, { signal });
  const kill = async (program: RunningProgram) => {
    program.signal('SIGKILL');
    await program.ended;
  };
  const psql = join(programs.folder, 'psql');
  const createArgs = (statements: readonly string[], server: 'primary' | 'replica') => [
    ...['--no-psqlrc', '--tuples-only', '--no-align', '-v', 'ON_ERROR_STOP=1'],
    ...statements.flatMap((statement) => ['-c', statement]),
    pair.superuserUrl.replace(`:${ports.primary}/`, `:${ports[server]}/`),
  ];
  return {
    url: pair.url,
    ports,
    killPrimary: () => kill(primary),
    async startPrimary() {
      primary = await startProgram(pair.primary, { signal });
    },
    killReplica: () => kill(replica),
    async startReplica() {
      replica = await startProgram(pair.replica, { signal });
    },
    signalPrimary: (name) => primary.signal(name),
    promoteReplica: () => pair.promoteReplica(),
    query(sql, server = 'primary') {
      const { status, stdout, stderr } = spawnSync(psql, createArgs([sql], server), {
        encoding: 'utf8',
        // Without the replica, a commit would block this process for ever.
        timeout: QUERY_TIMEOUT_MS,
      });
      if (status !== 0) throw new Error(stderr.trim());
      return stdout.trim();
    },
    async start(...statements) {
      const child = spawn(psql, createArgs(statements, 'primary'), { stdio: 'ignore' });
      const [code] = (await once(child, 'exit')) as [number];
      return code;
    },
    async close() {
      primary.signal('SIGCONT');
      // The primary waits until the replica has everything.
      await primary.stop();
      await replica.stop();
      folder.remove();
    },
  };
}
