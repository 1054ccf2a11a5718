import { getLocalHostAndPort, runWithTimeout } from '@seguridad-abc/platform/installation';
import { describeFetchError, UnreachableError, UserFacingError } from './errors.js';
import { getInstallationHeaders } from './identity.js';
import { SERVICES, type InstallationSettings, type ServiceName } from './installation-settings.js';
import { readServiceReadiness, sendServiceRequest } from './service-requests.js';

const READY_TIMEOUT_MS = 10_000;

/** A service has answered with an error. */
export class ServiceRefusalError extends UserFacingError {
  override name = 'ServiceRefusalError';

  /** @param body of the answer */
  constructor(
    message: string,
    readonly body: string,
  ) {
    super(message);
  }
}

/** A client of a service's HTTP routes for the tools of its installation. */
export interface ServiceClient {
  /**
   * @param body sent as JSON; undefined: the request has none
   * @param method by default POST with a body and GET without one
   * @throws ServiceRefusalError if the service refuses the request; UnreachableError if it does not answer
   */
  send(
    path: string,
    parameters: Readonly<Record<string, string>>,
    body?: object,
    method?: 'GET' | 'POST' | 'PUT' | 'DELETE',
  ): Promise<Response>;
}

/**
 * @param instance the origin of one of several instances. @default the one at `HOST` and the port of the service
 * @param instanceSource the option or setting that names the instance, for messages
 * @throws UnreachableError if the service does not answer, or another program uses its port
 */
export async function createServiceClient(
  name: ServiceName,
  { settings, signal }: { readonly settings: InstallationSettings; readonly signal: AbortSignal },
  instance?: string,
  instanceSource = '--instance',
): Promise<ServiceClient> {
  const portSetting = SERVICES.find((service) => service.name === name)?.portSetting ?? 'GATEWAY_PORT';
  const origin = instance ?? `http://${getLocalHostAndPort(settings.host, settings.ports[portSetting])}`;
  const remedy = instance === undefined ? `HOST and ${portSetting}` : instanceSource;
  const handleFailure = (error: unknown): never => {
    signal.throwIfAborted();
    throw new UnreachableError(
      `${origin} does not answer (${describeFetchError(error)}): start it with npm start.`,
    );
  };
  // Another program may use the port. It must not get the installation secret.
  const readiness = await runWithTimeout(READY_TIMEOUT_MS, signal, (limit) =>
    readServiceReadiness(origin, { signal: limit }),
  ).catch(handleFailure);
  if (readiness?.service !== name)
    throw new UnreachableError(`${origin} does not answer as ${name} does: correct ${remedy}.`);
  const headers = { ...getInstallationHeaders(settings), 'content-type': 'application/json' };
  return {
    async send(path, parameters, body, method = body ? 'POST' : 'GET') {
      const url = `${origin}${path}?${new URLSearchParams(parameters).toString()}`;
      const request = { method, ...(body && { body: JSON.stringify(body) }) };
      const response = await sendServiceRequest(url, { headers, signal, ...request }).catch(handleFailure);
      if (response.ok) return response;
      const text = await response.text();
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      throw new ServiceRefusalError(
        `${title} refuses the request with status ${response.status}: ${text}`,
        text,
      );
    },
  };
}
