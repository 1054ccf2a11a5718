import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getErrorCode, UserFacingError } from './errors.mjs';
import { SERVICES } from './installation-settings.mjs';

/** How long a port in use may take to become free. Services stop by themselves after their start process is killed. */
const PORT_WAIT_MS = 2_000;
const RETRY_INTERVAL_MS = 100;

/**
 * Range for free ports. It lies below the ephemeral ports: a client that reconnects to a stopped server could otherwise
 * be given the server's own port as its local port, and block the server.
 */
const FREE_PORTS = { min: 20_000, max: 30_000 };
const MAX_TRIES = 100;

/**
 * Checks that every port can be listened on.
 *
 * @param {string} host
 * @param {Readonly<Record<string, string>>} ports by the name of their setting. Invalid values are skipped: the service
 *   that reads the setting reports them
 * @param {number} waitMs how long to wait for a port in use
 * @throws {UserFacingError} which names the setting
 */
export async function checkPortsAvailable(host, ports, waitMs = PORT_WAIT_MS) {
  const valid = Object.entries(ports).filter(([, port]) => isValidPort(port));
  for (const [index, [setting, port]] of valid.entries()) {
    const same = valid.slice(0, index).find(([, other]) => Number(other) === Number(port));
    if (same) {
      throw new UserFacingError(`${same[0]} and ${setting} are both ${port}: give each its own port.`);
    }
  }
  await Promise.all(valid.map(([setting, port]) => checkPort(host, setting, Number(port), waitMs)));
}

/** @param {string} text */
const isValidPort = (text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** @param {string} host @param {string} setting @param {number} port @param {number} waitMs */
async function checkPort(host, setting, port, waitMs) {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const code = await tryListen(host, port);
    if (code === undefined) return;
    if (code === 'EADDRINUSE' && performance.now() < deadline) {
      await sleep(RETRY_INTERVAL_MS);
      continue;
    }
    if (code === 'EADDRINUSE') {
      throw new UserFacingError(
        `Port ${port} on ${host} is in use by another program: stop that program, or set ${setting} to a free port.`,
      );
    }
    if (code === 'EACCES') {
      throw new UserFacingError(
        `You have no permission to use port ${port} on ${host}: set ${setting} to a port above 1023.`,
      );
    }
    throw new UserFacingError(
      `This machine cannot listen on ${host} (${code}): set HOST to an address of this machine.`,
    );
  }
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
