import { freeRedisPort } from '../redis/port.mjs';
import { SERVICES } from '../services.mjs';

/** @returns {Promise<Record<string, string>>} a free port of loopback for each service, by the name of its setting */
export async function freePorts() {
  /** @type {Map<string, string>} */
  const ports = new Map();
  for (const { portSetting } of SERVICES) {
    let port;
    do port = String(await freeRedisPort());
    while ([...ports.values()].includes(port));
    ports.set(portSetting, port);
  }
  return Object.fromEntries(ports);
}
