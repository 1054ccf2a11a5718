import { codeOf, messageOf } from '../../failure.mjs';
import { installationHeaders } from '../../identity.mjs';
import { localAddress } from '../../settings.mjs';

/**
 * What a service says of itself at `/ready`.
 *
 * @param {import('../../services.mjs').ServiceInfo} service
 * @param {Pick<import('../../settings.mjs').Settings, 'host' | 'ports' | 'dataDir' | 'identity'>} settings
 * @param {number} timeoutMs
 * @returns {Promise<import('./state.mjs').Process>}
 */
export async function askProcess({ name, portSetting }, settings, timeoutMs) {
  const { host, ports } = settings;
  const address = localAddress(host, ports[portSetting] ?? '');
  const nothing = { name, address, ready: false, checks: {} };
  try {
    const response = await fetch(`http://${address}/ready`, {
      // Figures are for the installation's own.
      headers: await installationHeaders(settings),
      signal: AbortSignal.timeout(timeoutMs),
    });
    /** @type {unknown} */
    const body = await response.json();
    const { service, ready, checks } = /** @type {{ service?: string, ready: boolean, checks: {} }} */ (body);
    if (service === name) return { name, address, ready, checks };
    return { ...nothing, fault: 'another program listens there' };
  } catch (error) {
    return { ...nothing, fault: faultOf(error, timeoutMs) };
  }
}

/** @param {unknown} error @param {number} timeoutMs */
function faultOf(error, timeoutMs) {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${timeoutMs / 1_000} s`;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = codeOf(cause);
  return code === 'ECONNREFUSED' ? 'nothing listens there' : (code ?? messageOf(cause));
}
