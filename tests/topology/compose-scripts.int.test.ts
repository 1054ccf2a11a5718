import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { findPostgresPrograms } from '@seguridad-abc/cli';
import { eventually, freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, expect, test } from 'vitest';

const TIMEOUT_MS = 120_000;
const PASSWORD = 'a-password';
const programs = findPostgresPrograms();
const folder = temporaryFolder();
const servers: ChildProcess[] = [];

afterEach(async () => {
  for (const server of servers.splice(0).reverse()) {
    server.kill('SIGINT');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
  folder.remove();
});

/** The environment of a container, in which psql and the others find the server. */
const createEnv = (dataFolder: string, port: number) => ({
  PATH: `${programs?.folder ?? ''}:/usr/bin:/bin`,
  PGDATA: dataFolder,
  PGHOST: '127.0.0.1',
  PGPORT: String(port),
  PGPASSWORD: PASSWORD,
  POSTGRES_USER: 'seguridad',
  POSTGRES_DB: 'seguridad',
  POSTGRES_PASSWORD: PASSWORD,
});

function runAs(command: string, args: readonly string[], env: Readonly<Record<string, string>>): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    cwd: folder.path,
    uid: programs?.user?.uid,
    gid: programs?.user?.gid,
  });
  if (status !== 0) throw new Error(`${command} failed: ${stderr || stdout}`);
  return stdout.trim();
}

function startAs(command: string, args: readonly string[], env: Readonly<Record<string, string>>): void {
  const server = spawn(command, args, {
    env,
    cwd: folder.path,
    stdio: 'ignore',
    ...(programs?.user && { uid: programs.user.uid, gid: programs.user.gid }),
  });
  servers.push(server);
}

test.skipIf(programs === undefined)(
  'the scripts of compose.yaml let a replica copy the primary and follow it (skipped without PostgreSQL)',
  async () => {
    chmodSync(folder.path, 0o755);
    const createFolder = (name: string) => {
      const path = join(folder.path, name);
      mkdirSync(path, { mode: 0o700 });
      if (programs?.user) chownSync(path, programs.user.uid, programs.user.gid);
      return path;
    };
    cpSync('deploy/compose', join(folder.path, 'scripts'), { recursive: true });
    const [allowReplication, startReplica] = ['allow-replication.sh', 'start-replica.sh'].map((name) =>
      join(folder.path, 'scripts', name),
    ) as [string, string];
    const options = (port: number) => [
      ...['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...['-c', 'fsync=off', '-c', 'synchronous_standby_names=replica'],
    ];

    // As the image of PostgreSQL does: a database, and a pg_hba.conf that lets no replica in.
    const primary = createEnv(createFolder('primary'), await freePort());
    const passwordFile = join(folder.path, 'password');
    writeFileSync(passwordFile, PASSWORD);
    runAs('initdb', ['-U', 'seguridad', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '-N'], primary);
    writeFileSync(join(primary.PGDATA, 'pg_hba.conf'), 'host all all all scram-sha-256\n');
    startAs('postgres', options(Number(primary.PGPORT)), primary);
    const query = (sql: string, env: Readonly<Record<string, string>>, database = 'seguridad') =>
      runAs('psql', ['-AtX', '-U', 'seguridad', '-c', sql, database], env);
    await eventually(() => query('select 1', primary, 'postgres'), TIMEOUT_MS);
    const async = { ...primary, PGOPTIONS: '-c synchronous_commit=local' };
    query('create database seguridad', async, 'postgres');
    runAs('sh', [allowReplication], async);
    query('select pg_reload_conf()', primary);

    const replica = createEnv(createFolder('replica'), Number(primary.PGPORT));
    const port = await freePort();
    // The rest of a copy that was interrupted.
    writeFileSync(join(replica.PGDATA, 'rest'), '');
    startAs('sh', [startReplica, ...options(port)], replica);
    // This commit waits for the replica, under the name that compose.yaml has in synchronous_standby_names.
    query('create table events (position int)', primary);
    expect(query('select application_name, sync_state from pg_stat_replication', primary)).toBe(
      'replica|sync',
    );
    const replicaEnv = { ...replica, PGPORT: String(port) };
    await eventually(() => expect(query('select count(*) from events', replicaEnv)).toBe('0'), TIMEOUT_MS);
  },
  TIMEOUT_MS,
);
