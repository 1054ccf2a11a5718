import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getLocalHostAndPort, runWithTimeout } from '@seguridad-abc/platform/installation';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import type { Program } from '../supervise/child-process.js';

const POLL_INTERVAL_MS = 50;
const REQUEST_TIMEOUT_MS = 2_000;

/** The configuration that a balancer on any machine uses: everything but the servers. */
const BASE_CONFIG = join(PROJECT_FOLDER, 'deploy', 'haproxy', '10-base.cfg');

export interface BalancerOptions {
  /** Path of haproxy. */
  readonly program: string;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** Addresses of the gateways by their names, as `host:port`. */
  readonly gateways: Readonly<Record<string, string>>;
  readonly stopOrder: number;
}

/** Prepares the balancer in front of the gateways. It is ready when it has found a gateway that is ready. */
export function prepareBalancer({
  program,
  folder,
  host,
  port,
  gateways,
  stopOrder,
}: BalancerOptions): Program {
  mkdirSync(folder, { recursive: true });
  const serversFile = join(folder, 'gateways.cfg');
  const servers = Object.entries(gateways).map(([name, address]) => `    server ${name} ${address}\n`);
  writeFileSync(serversFile, `backend gateways\n    http-check disable-on-404\n${servers.join('')}`);
  const address = getLocalHostAndPort(host, port);
  return {
    name: 'balancer',
    command: program,
    args: ['-db', '-f', BASE_CONFIG, '-f', serversFile],
    env: { BALANCER_BIND: `${host}:${port}` },
    isQuiet: true,
    // It accepts nothing new, and its clients finish.
    stopSignal: 'SIGUSR1',
    stopOrder,
    async waitUntilReady(_child, signal) {
      const isReady = () =>
        runWithTimeout(REQUEST_TIMEOUT_MS, signal, async (limit) => {
          const response = await fetch(`http://${address}/ready`, { signal: limit });
          await response.arrayBuffer();
          return response.ok;
        }).catch(() => false);
      while (!(await isReady())) await sleep(POLL_INTERVAL_MS, undefined, { signal });
    },
  };
}
