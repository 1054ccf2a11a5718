import { getLocalHostAndPort } from '@seguridad-abc/platform/installation';
import { describeFetchError, UnreachableError, UserFacingError } from './errors.js';
import { getInstallationHeaders } from './identity.js';
import { SERVICES, type InstallationSettings, type ServiceName } from './installation-settings.js';
import { readServiceReadiness, sendServiceRequest } from './service-requests.js';

const READY_TIMEOUT_MS = 10_000;

/** A client of the HTTP routes that a service has for the tools of its installation. */
export interface ServiceClient {
  /**
   * @param body sent as JSON; undefined: the request has none
   * @throws UserFacingError if the service refuses the request; UnreachableError if it does not answer
   */
  send(
    path: string,
    parameters: Readonly<Record<string, string>>,
    request?: { readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly body?: object | undefined },
  ): Promise<Response>;
}

/** @throws UnreachableError if the service does not answer, or another program uses its port */
export async function createServiceClient(
  serviceName: ServiceName,
  settings: InstallationSettings,
  signal: AbortSignal,
): Promise<ServiceClient> {
  const { portSetting } = SERVICES.find(({ name }) => name === serviceName) ?? SERVICES[0];
  const origin = `http://${getLocalHostAndPort(settings.host, settings.ports[portSetting])}`;
  const handleFailure = (error: unknown): never => {
    signal.throwIfAborted();
    throw new UnreachableError(
      `${origin} does not answer (${describeFetchError(error)}): start it with npm start.`,
    );
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
  // Another program may use the port. It must not get the installation secret.
  const readiness = await readServiceReadiness(origin, { signal: limit }).catch(handleFailure);
  if (readiness?.service !== serviceName)
    throw new UnreachableError(
      `${origin} does not answer as ${serviceName} does: correct HOST and ${portSetting}.`,
    );
  const headers = { ...getInstallationHeaders(settings), 'content-type': 'application/json' };
  return {
    async send(path, parameters, { method = 'GET', body } = {}) {
      const url = `${origin}${path}?${new URLSearchParams(parameters).toString()}`;
      const request = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
      const response = await sendServiceRequest(url, request).catch(handleFailure);
      if (response.ok) return response;
      const text = await response.text();
      const subject = serviceName.charAt(0).toUpperCase() + serviceName.slice(1);
      throw new UserFacingError(`${subject} refuses the request with status ${response.status}: ${text}`);
    },
  };
}
