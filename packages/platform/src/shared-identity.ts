import { StartError } from './errors.js';
import { isLoopbackHost, normalizeHost } from './host-names.js';
import type { CommonSettings } from './settings.js';

/**
 * Checks that a process that works with other machines shares its identity with them: the secret that the processes of the installation
 * show each other, and from which the keys of devices are derived. A secret that each machine generates for itself would make them refuse
 * the requests of each other.
 *
 * The key that signs tokens needs no check: it is the OIDC issuer's, or it is derived from INSTALLATION_SECRET when it is created.
 * @param config with `DATABASE_URL`, if the service has this setting: a database that several instances share
 * @param hosts the hosts that this process works with, as `normalizeHost` returns them, by the setting that names them
 * @throws StartError if the process works with another machine and INSTALLATION_SECRET is not set
 */
export function assertSharedIdentity(
  config: Pick<CommonSettings, 'HOST' | 'INSTALLATION_SECRET'> & {
    readonly DATABASE_URL?: string | undefined;
  },
  hosts: Readonly<Record<string, readonly string[]>>,
): void {
  if (config.INSTALLATION_SECRET !== undefined) return;
  const reason = findSharedSetting(config, hosts);
  if (reason === undefined) return;
  throw new StartError(
    `${reason}, but INSTALLATION_SECRET is not set. Set it to the same random text of at least ` +
      '32 characters on all machines, for example from "openssl rand -hex 32". The key that signs tokens is derived from it, ' +
      'unless AUTH_JWKS_URL names an OIDC issuer.',
  );
}

/** Says which setting makes this process work with other machines. */
function findSharedSetting(
  { HOST, DATABASE_URL }: Pick<CommonSettings, 'HOST'> & { readonly DATABASE_URL?: string | undefined },
  hosts: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  if (DATABASE_URL !== undefined) return 'DATABASE_URL is set, which several instances share';
  const ownHost = normalizeHost(HOST);
  for (const [setting, names] of Object.entries(hosts)) {
    const other = names.find((name) => !isLoopbackHost(name) && name !== ownHost);
    if (other !== undefined) return `${setting} names another machine (${other})`;
  }
  return undefined;
}
