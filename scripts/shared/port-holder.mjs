import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';

/** State of a listening socket in /proc/net/tcp. */
const LISTENING = '0A';
const LSOF_TIMEOUT_MS = 5_000;

/**
 * Describes the program that listens on a TCP port of this machine, for messages.
 *
 * @param {number} port
 * @returns {Promise<string>} such as "node (pid 4711)", or "another program" if it cannot be seen
 */
export async function findPortHolder(port) {
  const holder = process.platform === 'linux' ? findInProc(port) : await findWithLsof(port);
  if (holder === undefined) return 'another program, which this user cannot see';
  return `${holder.program} (pid ${holder.pid})`;
}

/** @typedef {{ pid: number, program: string }} PortHolder */

/** @param {number} port @returns {PortHolder | undefined} */
function findInProc(port) {
  const sockets = new Set(
    ['tcp', 'tcp6'].flatMap((table) => parseListeningSockets(readText(`/proc/net/${table}`), port)),
  );
  if (sockets.size === 0) return undefined;
  const pid = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((id) => list(`/proc/${id}/fd`).some((fd) => sockets.has(readLink(`/proc/${id}/fd/${fd}`))));
  return pid === undefined
    ? undefined
    : { pid: Number(pid), program: readText(`/proc/${pid}/comm`).trim() || 'a program' };
}

/**
 * Finds the sockets that listen on a port.
 *
 * @param {string} table content of /proc/net/tcp or tcp6
 * @param {number} port
 * @returns {string[]} as links in /proc/<pid>/fd name them
 */
export function parseListeningSockets(table, port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '', , state]) => state === LISTENING && address.endsWith(suffix))
    .map((columns) => `socket:[${columns[9] ?? ''}]`);
}

/** @param {number} port @returns {Promise<PortHolder | undefined>} */
async function findWithLsof(port) {
  try {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
    const { stdout } = await promisify(execFile)('lsof', args, { timeout: LSOF_TIMEOUT_MS });
    return parseLsofOutput(stdout);
  } catch {
    return undefined;
  }
}

/** @param {string} output of `lsof -Fpc` @returns {PortHolder | undefined} */
export function parseLsofOutput(output) {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  return pid === undefined
    ? undefined
    : { pid: Number(pid), program: /^c(.+)$/m.exec(output)?.[1] ?? 'a program' };
}

/** @param {string} folder @returns {string[]} empty without permission, or if the process has ended */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} file */
function readLink(file) {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
