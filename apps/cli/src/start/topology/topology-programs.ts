import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REDIS_PROGRAMS, UserFacingError } from '../../shared/bootstrap.js';
import { findOnPath } from '../programs/find-on-path.js';
import type { SystemUser } from '../programs/run-command.js';

/** The programs of one installation of PostgreSQL. */
export interface PostgresPrograms {
  /** Folder of `initdb`, `postgres`, `pg_basebackup`, `pg_isready` and `pg_ctl`. */
  readonly folder: string;
  /** PostgreSQL refuses to run as root. Undefined: our user runs it. */
  readonly user: (SystemUser & { readonly name: string }) | undefined;
}

/** The programs of a scaled-out topology on this machine. */
export interface TopologyPrograms {
  readonly postgres: PostgresPrograms;
  /** Path of the Redis or Valkey server, which is also the Sentinel. */
  readonly redis: string;
  readonly haproxy: string;
}

/** Debian and its relatives keep each version in its own folder, which is not on the PATH. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const MIN_POSTGRES_VERSION = 15;
/** Debian's package creates the first one; every system has the second. */
const POSTGRES_USERS = ['postgres', 'nobody'];

/** The folder of the newest PostgreSQL of at least version 15. Undefined if there is none. */
function findPostgresFolder(): string | undefined {
  const versions = listFolder(DEBIAN_FOLDER)
    .map(Number)
    .filter((version) => version >= MIN_POSTGRES_VERSION)
    .sort((a, b) => b - a);
  const folders = versions.map((version) => join(DEBIAN_FOLDER, String(version), 'bin'));
  const program = findOnPath(['initdb'], folders.join(':')) ?? findOnPath(['initdb']);
  return program?.replace(/\/initdb$/, '');
}

/** Finds PostgreSQL of at least version 15. Undefined if there is none. */
export function findPostgresPrograms(): PostgresPrograms | undefined {
  const folder = findPostgresFolder();
  return folder === undefined ? undefined : { folder, user: findPostgresUser() };
}

/** Finds haproxy. Users of Debian have no /usr/sbin on their PATH. */
export const findHaproxy = (): string | undefined =>
  findOnPath(['haproxy']) ?? findOnPath(['haproxy'], '/usr/sbin:/usr/local/sbin');

/** The packages of Debian whose programs a topology needs and this machine lacks. */
export const listMissingPackages = (): string[] => [
  ...(findPostgresFolder() === undefined ? ['postgresql'] : []),
  ...(findOnPath(REDIS_PROGRAMS) === undefined ? ['redis-server'] : []),
  ...(findHaproxy() === undefined ? ['haproxy'] : []),
];

/**
 * Finds the programs of a topology. It installs nothing.
 * @throws UserFacingError that names all missing programs and the command that installs them
 */
export function findTopologyPrograms(): TopologyPrograms {
  const postgres = findPostgresPrograms();
  const redis = findOnPath(REDIS_PROGRAMS);
  const haproxy = findHaproxy();
  if (postgres && redis !== undefined && haproxy !== undefined) return { postgres, redis, haproxy };
  throw new UserFacingError(
    `Programs are missing on this machine: run "sudo apt-get install -y ${listMissingPackages().join(' ')}" (Debian 12, Ubuntu 24.04 or newer), ` +
      'and stop the services that the packages start ("sudo systemctl disable --now postgresql redis-server haproxy").',
  );
}

function findPostgresUser(): PostgresPrograms['user'] {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { name, uid: Number(uid), gid: Number(gid) }]),
  );
  return POSTGRES_USERS.map((name) => users.get(name)).find((user) => user !== undefined);
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
