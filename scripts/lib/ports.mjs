import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, Failure } from './failure.mjs';

/** Services whose start was killed see it and stop; a start right after it gives them this long. */
const STOPPING_MS = 2_000;
const RETRY_MS = 100;

/**
 * Makes sure that every port can be listened on.
 *
 * @param {string} host
 * @param {Readonly<Record<string, string>>} ports by the name of their setting; one that is no port at all is left to
 *   the service that will refuse it
 * @param {number} patienceMs how long a port in use may take to become free
 */
export async function checkPorts(host, ports, patienceMs = STOPPING_MS) {
  const wanted = Object.entries(ports).filter(([, port]) => isPort(port));
  for (const [index, [setting, port]] of wanted.entries()) {
    const same = wanted.slice(0, index).find(([, other]) => Number(other) === Number(port));
    if (same) throw new Failure(`${same[0]} and ${setting} are both ${port}: give each a port of its own.`);
  }
  await Promise.all(wanted.map(([setting, port]) => checkPort(host, setting, Number(port), patienceMs)));
}

/** @param {string} text */
const isPort = (text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** @param {string} host @param {string} setting @param {number} port @param {number} patienceMs */
async function checkPort(host, setting, port, patienceMs) {
  const until = performance.now() + patienceMs;
  for (;;) {
    const code = await refusal(host, port);
    if (code === undefined) return;
    if (code === 'EADDRINUSE' && performance.now() < until) {
      await sleep(RETRY_MS);
      continue;
    }
    if (code === 'EADDRINUSE') {
      throw new Failure(
        `Port ${port} on ${host} is in use by another program: end it, or set ${setting} to a free port.`,
      );
    }
    if (code === 'EACCES') {
      throw new Failure(
        `Port ${port} on ${host} needs rights that you lack: set ${setting} to one above 1023.`,
      );
    }
    throw new Failure(`This machine cannot listen on ${host} (${code}): set HOST to an address of its own.`);
  }
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} the system's code, if it refuses */
export async function refusal(host, port) {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
  server.close();
  await once(server, 'close');
  return undefined;
}
