import { StartError } from './errors.js';
import { isLoopbackHost, normalizeHost } from './host-names.js';
import type { CommonSettings } from './settings.js';

/**
 * Checks that a process that works with other machines shares its identity with them. A secret that each machine generates for itself
 * would make them refuse the requests of each other.
 *
 * The key that signs tokens needs no check: it is the OIDC issuer's, or it is derived from INSTALLATION_SECRET when it is created.
 * @param hosts the hosts that this process works with, as `normalizeHost` returns them, by the setting that names them
 * @throws StartError if one of them is another machine and INSTALLATION_SECRET is not set
 */
export function assertSharedIdentity(
  { HOST, INSTALLATION_SECRET }: Pick<CommonSettings, 'HOST' | 'INSTALLATION_SECRET'>,
  hosts: Readonly<Record<string, readonly string[]>>,
): void {
  if (INSTALLATION_SECRET !== undefined) return;
  const ownHost = normalizeHost(HOST);
  for (const [setting, names] of Object.entries(hosts)) {
    const other = names.find((name) => !isLoopbackHost(name) && name !== ownHost);
    if (other === undefined) continue;
    throw new StartError(
      `${setting} names another machine (${other}), but INSTALLATION_SECRET is not set. Set it to the same random text of at least ` +
        '32 characters on all machines, for example from "openssl rand -hex 32". The key that signs tokens is derived from it, ' +
        'unless AUTH_JWKS_URL names an OIDC issuer.',
    );
  }
}
