import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOrCreateSecretFile } from '@seguridad-abc/platform/installation';
import { UserFacingError } from '../../shared/errors.js';
import { runCommand } from '../programs/run-command.js';
import type { Program } from '../supervise/child-process.js';
import type { PostgresPrograms } from './topology-programs.js';

/** Name of the database, and of the user that owns it. */
const DATABASE = 'seguridad';
/** Superuser of the cluster. */
const SUPERUSER = 'postgres';
const REPLICATION_USER = 'replication';
/** The name of the replica in `synchronous_standby_names` of the primary. */
const REPLICA_NAME = 'postgres-2';
const PASSWORD_BYTES = 24;
const POLL_INTERVAL_MS = 100;
/** The primary keeps this much log for a replica that is away for a while. */
const KEPT_LOG = '512MB';

export interface PostgresPairOptions {
  readonly programs: PostgresPrograms;
  /** Folder of both data folders and the password. */
  readonly folder: string;
  readonly ports: { readonly primary: number; readonly replica: number };
  /**
   * Whether a commit waits until the replica has it on disk. A promoted replica then lacks nothing that was confirmed, and
   * commits wait while there is no replica.
   */
  readonly isSynchronous: boolean;
  readonly stopOrder: number;
  readonly signal: AbortSignal;
}

/** A PostgreSQL primary with a streaming replica. The replica must start when the primary is ready. */
export interface PostgresPair {
  /** URL with both hosts, for `DATABASE_URL`. */
  readonly url: string;
  /** URL of the primary as superuser. */
  readonly superuserUrl: string;
  readonly primary: Program;
  readonly replica: Program;
  /** Makes the replica a primary. The old primary must not run again: both would accept writes. */
  promoteReplica(): Promise<void>;
}

/**
 * Prepares a PostgreSQL primary and its streaming replica. Data folders of an earlier start are used again. The servers listen
 * on loopback, and each connection needs a password.
 * @throws UserFacingError if a data folder cannot be created, or the replica of an earlier start was promoted
 */
export async function preparePostgresPair(options: PostgresPairOptions): Promise<PostgresPair> {
  const { programs, folder, ports, isSynchronous, stopOrder, signal } = options;
  mkdirSync(folder, { recursive: true });
  letUserEnter(folder, programs);
  const password = readOrCreateSecretFile(join(folder, 'password'), () =>
    randomBytes(PASSWORD_BYTES).toString('base64url'),
  );
  const primaryFolder = join(folder, 'postgres-1');
  const replicaFolder = join(folder, REPLICA_NAME);
  const run = async (program: string, args: readonly string[], input = '', env = {}) => {
    const path = join(programs.folder, program);
    const { user } = programs;
    const { code, output } = await runCommand(path, args, {
      signal,
      env,
      user: toIds(user),
      input,
      cwd: '/',
    });
    if (code !== 0) throw new UserFacingError(`${program} failed with exit code ${code}: ${output.trim()}`);
  };
  if (!isDataFolder(primaryFolder)) await createCluster();
  if (isDataFolder(replicaFolder) && !existsSync(join(replicaFolder, 'standby.signal'))) {
    throw new UserFacingError(
      `The replica in ${replicaFolder} was promoted, so that the data folders differ: keep the one with the newer data as ${primaryFolder}, ` +
        `and remove ${replicaFolder}.`,
    );
  }

  /** Its users and the database are created without a running server, so that no client sees half of it. */
  async function createCluster(): Promise<void> {
    createFolderFor(primaryFolder, programs);
    const passwordFile = join(primaryFolder, '..', 'superuser-password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (programs.user) chownSync(passwordFile, programs.user.uid, programs.user.gid);
    const order = ['--encoding=UTF8', '--locale=C'];
    await run('initdb', [
      ...['-D', primaryFolder, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // Texts are compared by their bytes, as SQLite does.
      ...order,
      ...['--data-checksums', '--no-instructions'],
    ]);
    rmSync(passwordFile);
    const statements = [
      `CREATE ROLE ${DATABASE} LOGIN PASSWORD '${password}'`,
      `CREATE ROLE ${REPLICATION_USER} LOGIN REPLICATION PASSWORD '${password}'`,
      `CREATE DATABASE ${DATABASE} OWNER ${DATABASE}`,
    ];
    await run('postgres', ['--single', '-D', primaryFolder, SUPERUSER], `${statements.join('\n')}\n`);
  }

  const copyPrimary = async () => {
    if (isDataFolder(replicaFolder)) return;
    createFolderFor(replicaFolder, programs);
    const source = `host=127.0.0.1 port=${ports.primary} user=${REPLICATION_USER}`;
    await run(
      'pg_basebackup',
      ['-d', source, '-D', replicaFolder, '-X', 'stream', '-R', '--checkpoint=fast'],
      '',
      { PGPASSWORD: password },
    );
  };

  const createProgram = (name: string, dataFolder: string, port: number): Program => ({
    name,
    command: join(programs.folder, 'postgres'),
    args: [
      ...['-D', dataFolder],
      ...Object.entries({
        listen_addresses: '127.0.0.1',
        port,
        // The path of a socket in a deep folder would be too long.
        unix_socket_directories: '',
        // The replica connects to the primary under this name. Its first copy does not, or commits would wait for that only.
        cluster_name: name,
        wal_level: 'replica',
        wal_keep_size: KEPT_LOG,
        hot_standby: 'on',
        // Commits wait until the replica is back. Each 5 s, the default, would be the pause after a restart of the primary.
        wal_retrieve_retry_interval: '500ms',
        synchronous_standby_names: isSynchronous && dataFolder === primaryFolder ? `"${REPLICA_NAME}"` : '',
        max_connections: 100,
        log_min_messages: 'warning',
      }).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]),
    ],
    user: toIds(programs.user),
    isQuiet: true,
    // SIGTERM would wait until the last client has left. SIGINT ends their connections.
    stopSignal: 'SIGINT',
    stopOrder,
    describeStartFailure: (output) =>
      `The PostgreSQL in ${dataFolder} cannot start (${output.split('\n').at(-1) ?? ''}): correct this.`,
    async waitUntilReady(_child, stop) {
      const args = ['-q', '-h', '127.0.0.1', '-p', String(port), '-d', SUPERUSER];
      const isReady = async () =>
        (await runCommand(join(programs.folder, 'pg_isready'), args, { signal: stop })).code === 0;
      while (!(await isReady())) await sleep(POLL_INTERVAL_MS, undefined, { signal: stop });
    },
  });

  const hosts = `127.0.0.1:${ports.primary},127.0.0.1:${ports.replica}`;
  return {
    url: `postgresql://${DATABASE}:${password}@${hosts}/${DATABASE}?sslmode=disable`,
    superuserUrl: `postgresql://${SUPERUSER}:${password}@127.0.0.1:${ports.primary}/${DATABASE}?sslmode=disable`,
    primary: createProgram('postgres-1', primaryFolder, ports.primary),
    replica: { ...createProgram(REPLICA_NAME, replicaFolder, ports.replica), beforeFirstStart: copyPrimary },
    promoteReplica: () => run('pg_ctl', ['promote', '-D', replicaFolder, '-w']),
  };
}

const isDataFolder = (folder: string): boolean => existsSync(join(folder, 'PG_VERSION'));

const toIds = (user: PostgresPrograms['user']) => user && { uid: user.uid, gid: user.gid };

function createFolderFor(folder: string, { user }: PostgresPrograms): void {
  // The rest of a copy that was interrupted.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
}

/** Only their owner can list and read these folders, but others may enter them: that permission is in this bit. */
const ENTER_MODE = 0o001;
/** The folder of PostgreSQL, that of the topology, and the data folder. They are ours. */
const OWN_LEVELS = 3;

/**
 * Lets the user of PostgreSQL enter the folder. The folders in it stay closed to that user.
 * @throws UserFacingError if that user cannot enter a folder above
 */
function letUserEnter(folder: string, { user }: PostgresPrograms): void {
  if (!user) return;
  let path = folder;
  for (let level = 0; path !== dirname(path); level++) {
    const { mode } = statSync(path);
    if ((mode & ENTER_MODE) === 0) {
      if (level >= OWN_LEVELS) {
        throw new UserFacingError(
          `PostgreSQL does not run as root, and the user ${user.name} cannot enter ${path}: set DATA_DIR to a folder elsewhere, or use another user than root.`,
        );
      }
      chmodSync(path, (mode & 0o777) | ENTER_MODE);
    }
    path = dirname(path);
  }
}
