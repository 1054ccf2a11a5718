import { getLocalHostAndPort } from '@seguridad-abc/platform/installation';
import type { CommandContext } from '../../command-line/command-host.js';
import { describeFetchError, UnreachableError, UserFacingError } from '../../shared/errors.js';
import { getInstallationHeaders } from '../../shared/identity.js';
import { readServiceReadiness, sendServiceRequest } from '../../shared/service-requests.js';

/** As `GET /ready` reports it. */
const SERVICE_NAME = 'monitoring';
const READY_TIMEOUT_MS = 10_000;

/** A client of monitoring's HTTP routes for the tools of its installation. */
export interface MonitoringClient {
  /**
   * @param body sent as JSON with POST; undefined: the request is a GET
   * @throws UserFacingError if monitoring refuses the request; UnreachableError if it does not answer
   */
  send(path: string, parameters: Readonly<Record<string, string>>, body?: object): Promise<Response>;
}

/** @throws UnreachableError if monitoring does not answer, or another program uses its port */
export async function createMonitoringClient({
  settings,
  signal,
}: Pick<CommandContext, 'settings' | 'signal'>): Promise<MonitoringClient> {
  const origin = `http://${getLocalHostAndPort(settings.host, settings.ports.MONITORING_PORT)}`;
  const handleFailure = (error: unknown): never => {
    signal.throwIfAborted();
    throw new UnreachableError(
      `${origin} does not answer (${describeFetchError(error)}): start it with npm start.`,
    );
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
  // Another program may use the port. It must not get the installation secret.
  const readiness = await readServiceReadiness(origin, { signal: limit }).catch(handleFailure);
  if (readiness?.service !== SERVICE_NAME)
    throw new UnreachableError(
      `${origin} does not answer as monitoring does: correct HOST and MONITORING_PORT.`,
    );
  const headers = { ...getInstallationHeaders(settings), 'content-type': 'application/json' };
  return {
    async send(path, parameters, body) {
      const url = `${origin}${path}?${new URLSearchParams(parameters).toString()}`;
      const request = body ? { method: 'POST', body: JSON.stringify(body) } : {};
      const response = await sendServiceRequest(url, { headers, signal, ...request }).catch(handleFailure);
      if (response.ok) return response;
      const text = await response.text();
      throw new UserFacingError(`Monitoring refuses the request with status ${response.status}: ${text}`);
    },
  };
}
