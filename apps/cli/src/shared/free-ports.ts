import { randomInt } from 'node:crypto';
import { tryListen } from './bootstrap.js';
import { UserFacingError } from './errors.js';
import { SERVICES, type ServicePorts, createPorts } from './installation-settings.js';

/**
 * Range for free ports. It lies below the ephemeral ports: a client that reconnects to a stopped server could otherwise be
 * given the server's own port as its local port, and block the server.
 */
const FREE_PORTS = { min: 20_000, max: 30_000 };
const MAX_TRIES = 100;

/** Finds a port of 127.0.0.1 that no program listens on. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FREE_PORTS.min, FREE_PORTS.max);
    if ((await tryListen('127.0.0.1', port)) === undefined) return port;
  }
  throw new UserFacingError(
    `No free port was found on 127.0.0.1 between ${FREE_PORTS.min} and ${FREE_PORTS.max}: stop unused programs.`,
  );
}

/** Finds a different free port of 127.0.0.1 for each service. */
export async function findFreeServicePorts(): Promise<ServicePorts> {
  const found = new Set<number>();
  while (found.size < SERVICES.length) found.add(await findFreePort());
  const ports = found.values();
  return createPorts(() => String(ports.next().value));
}
