import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CLAIM_PATH,
  claimedProcessSchema,
  getLocalHostAndPort,
  type ClaimedProcess,
} from '@seguridad-abc/platform/installation';
import { getInstallationHeaders } from '../../shared/identity.js';
import { SERVICES, type InstallationSettings, type ServiceName } from '../../shared/installation-settings.js';
import { readServiceReadiness, sendServiceRequest } from '../../shared/service-requests.js';
import { readThreadActivity } from './process-watchdog.js';

/** Services of this installation whose start process was killed. They go on for some time, so that another start can take over. */
export type UnsupervisedServices = ReadonlyMap<ServiceName, ClaimedProcess>;

const REQUEST_TIMEOUT_MS = 2_000;
const POLL_INTERVAL_MS = 20;
/** A service ends its own stop after 10 s. */
const STOP_TIMEOUT_MS = 20_000;

/** Finds the services that an earlier start has left running, and asks them to go on until they are replaced. */
export async function claimUnsupervisedServices(
  settings: Pick<InstallationSettings, 'host' | 'ports' | 'dataDir' | 'identity'>,
): Promise<UnsupervisedServices> {
  const claims = await Promise.all(
    SERVICES.map(async ({ name, portSetting }): Promise<(readonly [ServiceName, ClaimedProcess])[]> => {
      const origin = `http://${getLocalHostAndPort(settings.host, settings.ports[portSetting])}`;
      const claimed = await claimService(origin, name, settings).catch(() => undefined);
      return claimed ? [[name, claimed]] : [];
    }),
  );
  return new Map(claims.flat());
}

/** @returns undefined if the program at the address is no service of this installation, or has a supervisor */
async function claimService(
  origin: string,
  name: ServiceName,
  settings: Pick<InstallationSettings, 'dataDir' | 'identity'>,
): Promise<ClaimedProcess | undefined> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  // Any other program may use the port: it must not receive the secret.
  const readiness = await readServiceReadiness(origin, { signal });
  if (readiness?.service !== name) return undefined;
  const headers = getInstallationHeaders(settings);
  const response = await sendServiceRequest(`${origin}${CLAIM_PATH}`, { method: 'POST', headers, signal });
  const claimed = claimedProcessSchema.safeParse(await response.json()).data;
  return claimed?.dataFolder === resolve(settings.dataDir) ? claimed : undefined;
}

/** Asks a claimed service to finish its requests and to stop. Resolves when it has ended. */
export async function stopClaimedService({ pid }: ClaimedProcess): Promise<void> {
  sendSignal(pid, 'SIGTERM');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (isRunning(pid)) {
    if (performance.now() >= deadline) sendSignal(pid, 'SIGKILL');
    await sleep(POLL_INTERVAL_MS);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // An ended process stays until its adoptive parent has collected its exit status.
    return readThreadActivity(pid)?.state !== 'Z';
  } catch {
    return false;
  }
}
