import { StartError } from './errors.js';
import { isLoopbackHost, normalizeHost } from './host-names.js';
import type { CommonSettings } from './settings.js';

/**
 * Checks the secret of a service whose database is shared. Several instances must agree on the secret that the processes of the
 * installation show each other, and from which the keys of devices and, without an OIDC issuer, the key of tokens are derived. A secret
 * that each machine generates would differ.
 * @param service its name, for the error
 * @throws StartError if `DATABASE_URL` is set and `INSTALLATION_SECRET` is not
 */
export function assertSharedSecret(
  config: Pick<CommonSettings, 'INSTALLATION_SECRET'> & { readonly DATABASE_URL?: string | undefined },
  service: string,
): void {
  if (config.DATABASE_URL === undefined || config.INSTALLATION_SECRET !== undefined) return;
  throw new StartError(
    `DATABASE_URL is for several instances of ${service}, which need the same secret. Set INSTALLATION_SECRET to the same text of at least 32 characters on all machines.`,
  );
}

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
