import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getErrorCode, UserFacingError } from './errors.mjs';
import { SERVICES } from './installation-settings.mjs';
import { findPortHolder } from './port-holder.mjs';

/** How long a port in use may take to become free. Services stop by themselves after their start process is killed. */
const PORT_WAIT_MS = 2_000;
const RETRY_INTERVAL_MS = 100;

/**
 * Range for free ports. It lies below the ephemeral ports: a client that reconnects to a stopped server could otherwise
 * be given the server's own port as its local port, and block the server.
 */
const FREE_PORTS = { min: 20_000, max: 30_000 };
const MAX_TRIES = 100;
const MAX_PORT = 65_535;

/**
 * A setting whose port cannot be used.
 *
 * @typedef {object} PortProblem
 * @property {string} setting
 * @property {string} message what is wrong, and what to do unless `freePort` is set
 * @property {string | undefined} [freePort] a port to use instead, if another program holds this one
 */

/**
 * Finds the ports that cannot be listened on.
 *
 * @param {string} host
 * @param {Readonly<Record<string, string>>} ports by the name of their setting. Invalid values are skipped: the service
 *   that reads the setting reports them
 * @param {number} waitMs how long to wait for a port in use
 * @returns {Promise<PortProblem[]>}
 */
export async function findPortProblems(host, ports, waitMs = PORT_WAIT_MS) {
  const valid = Object.entries(ports).filter(([, port]) => isValidPort(port));
  const duplicates = valid.flatMap(([setting, port], index) => {
    const same = valid.slice(0, index).find(([, other]) => Number(other) === Number(port));
    return same
      ? [{ setting, message: `${same[0]} and ${setting} are both ${port}: give each its own port.` }]
      : [];
  });
  const checks = valid.map(([setting, port]) => checkPort(host, setting, Number(port), waitMs));
  const problems = (await Promise.all(checks)).filter((problem) => problem !== undefined);
  const excluded = new Set(valid.map(([, port]) => Number(port)));
  /** @type {PortProblem[]} */
  const result = [...duplicates];
  for (const { isInUse, port, ...problem } of problems) {
    result.push(isInUse ? { ...problem, freePort: await findNextFreePort(host, port, excluded) } : problem);
  }
  return result;
}

/** @param {string} text */
const isValidPort = (text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_PORT;

/**
 * @param {string} host @param {string} setting @param {number} port @param {number} waitMs
 * @returns {Promise<PortProblem & { isInUse: boolean, port: number } | undefined>}
 */
async function checkPort(host, setting, port, waitMs) {
  const deadline = performance.now() + waitMs;
  let code = await tryListen(host, port);
  while (code === 'EADDRINUSE' && performance.now() < deadline) {
    await sleep(RETRY_INTERVAL_MS);
    code = await tryListen(host, port);
  }
  if (code === undefined) return undefined;
  const problem = { setting, port, isInUse: code === 'EADDRINUSE' };
  if (problem.isInUse) {
    const holder = await findPortHolder(port);
    return { ...problem, message: `Port ${port} on ${host} (${setting}) is in use by ${holder}.` };
  }
  const message =
    code === 'EACCES'
      ? `You have no permission to use port ${port} on ${host}: set ${setting} to a port above 1023.`
      : `This machine cannot listen on ${host} (${code}): set HOST to an address of this machine.`;
  return { ...problem, message };
}

/**
 * @param {string} host @param {number} port
 * @param {Set<number>} excluded ports that are not free for us; the result is added
 * @returns {Promise<string | undefined>} the next port that can be listened on
 */
async function findNextFreePort(host, port, excluded) {
  for (let next = port + 1; next <= Math.min(port + MAX_TRIES, MAX_PORT); next++) {
    if (excluded.has(next) || (await tryListen(host, next)) !== undefined) continue;
    excluded.add(next);
    return String(next);
  }
  return undefined;
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} an error code if listening fails */
async function tryListen(host, port) {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    return getErrorCode(error) ?? String(error);
  }
  server.close();
  await once(server, 'close');
  return undefined;
}

/** @returns {Promise<number>} a port of 127.0.0.1 that no program listens on */
export async function findFreePort() {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FREE_PORTS.min, FREE_PORTS.max);
    if ((await tryListen('127.0.0.1', port)) === undefined) return port;
  }
  throw new UserFacingError(
    `No free port was found on 127.0.0.1 between ${FREE_PORTS.min} and ${FREE_PORTS.max}: stop unused programs.`,
  );
}

/** @returns {Promise<Record<string, string>>} a free port of 127.0.0.1 for each service, by the name of its setting */
export async function findFreeServicePorts() {
  /** @type {Map<string, string>} */
  const ports = new Map();
  for (const { portSetting } of SERVICES) {
    let port;
    do port = String(await findFreePort());
    while ([...ports.values()].includes(port));
    ports.set(portSetting, port);
  }
  return Object.fromEntries(ports);
}
