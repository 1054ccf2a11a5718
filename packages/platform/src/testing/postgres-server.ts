import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';

/** A PostgreSQL server of one test file, which the test may kill, freeze and restart on the same port. */
export interface TestPostgres {
  readonly port: number;
  /** The URL of the database `postgres`. */
  readonly url: string;
  /** The folder of the data, which a replica copies. */
  readonly folder: string;
  /** Creates an empty database. @returns its URL */
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser. @param database default: `postgres` */
  run(sql: string, database?: string): Promise<pg.QueryResult>;
  /** Replaces a file in the folder of the data, such as `pg_hba.conf`, and lets the server read its configuration again. */
  configure(name: string, content: string): Promise<void>;
  /** Resolves when the server answers. */
  start(): Promise<void>;
  /** False after it has ended by itself. */
  readonly isRunning: boolean;
  /** Ends the server at once, as a crash would. Data on disk is kept. */
  kill(): Promise<void>;
  /** Ends the server and removes its files. */
  close(): Promise<void>;
}

/** PostgreSQL refuses to run as root: it then runs as `nobody`. */
const NOBODY_ID = 65_534;
const userOptions = process.getuid?.() === 0 ? { uid: NOBODY_ID, gid: NOBODY_ID } : {};

/** Debian has the programs of each version in a folder that is not in PATH. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** @throws Error if PostgreSQL is not installed */
function findProgramFolder(): string {
  if (existsSync(DEBIAN_FOLDER)) {
    const [newest] = readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a));
    if (newest !== undefined) return join(DEBIAN_FOLDER, newest, 'bin');
  }
  return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
}

/** Tests need no data after a power cut. */
const SERVER_SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '200',
  autovacuum: 'off',
};

/** Where a server has its files. */
export interface TestPostgresFolders {
  /** In which the folder of the server is created. @default that of temporary files */
  readonly parent?: string | undefined;
  /** In which the write-ahead log is, in segments of 1 MB. @default the folder of the data */
  readonly wal?: string | undefined;
}

/**
 * Creates and starts a real PostgreSQL server on a free port, in a temporary folder.
 * @param settings of the server, such as `wal_level`
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  { parent = tmpdir(), wal }: TestPostgresFolders = {},
): Promise<TestPostgres> {
  const programs = findProgramFolder();
  const port = await freePort();
  const root = mkdtempSync(join(parent, 'postgres-'));
  if (userOptions.uid !== undefined) chownSync(root, userOptions.uid, userOptions.gid);
  const folder = join(root, 'data');
  const initArguments = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'];
  if (wal !== undefined) initArguments.push('--waldir', join(wal, 'wal'), '--wal-segsize=1');
  execFileSync(join(programs, 'initdb'), [...initArguments, '--no-sync', '--no-instructions'], {
    ...userOptions,
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: root,
  });
  const allSettings = { ...SERVER_SETTINGS, port: String(port), unix_socket_directories: root, ...settings };
  let child: ChildProcess | undefined;
  let databases = 0;
  const getUrl = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const run: TestPostgres['run'] = async (sql, database = 'postgres') => {
    const client = new pg.Client({ connectionString: getUrl(database) });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };

  const server: TestPostgres = {
    port,
    url: getUrl('postgres'),
    folder,
    run,
    async createDatabase() {
      const name = `test_${++databases}`;
      await run(`create database ${name}`);
      return getUrl(name);
    },
    async configure(name, content) {
      const file = join(folder, name);
      // A server refuses a key that others may read.
      writeFileSync(file, content, { mode: 0o600 });
      if (userOptions.uid !== undefined) chownSync(file, userOptions.uid, userOptions.gid);
      await run('select pg_reload_conf()');
    },
    async start() {
      const args = Object.entries(allSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const started = spawn(join(programs, 'postgres'), ['-D', folder, ...args], {
        ...userOptions,
        stdio: 'ignore',
        cwd: root,
      });
      child = started;
      while (started.exitCode === null) {
        const isReady = await run('select 1').then(
          () => true,
          () => false,
        );
        if (isReady) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`PostgreSQL has ended with code ${started.exitCode}.`);
    },
    get isRunning() {
      return child?.exitCode === null && child.signalCode === null;
    },
    kill: () => end('SIGQUIT'),
    async close() {
      await end('SIGQUIT');
      rmSync(root, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
