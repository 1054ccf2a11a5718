import { Failure } from './failure.mjs';
import { loadPlatform } from './platform-module.mjs';

/**
 * Who a tool acts as. What is needed for it lies in the installation's data folder, which only its owner can read.
 *
 * @typedef {{ id: string, role: 'customer' | 'operator' | 'device' }} Actor
 *
 * @typedef {Readonly<Record<string, string>>} Headers
 *
 * @typedef {() => Promise<Headers>} Authorize gives the headers of a request that is sent now
 *
 * @typedef {Pick<import('./settings.mjs').Settings, 'dataDir' | 'identity'>} Installation
 */

const HOUR_MS = 3_600_000;
/** A token is exchanged before a request that it might not outlive. */
const SPARE_MS = 300_000; // 5 minutes

/**
 * @param {Installation} installation
 * @param {Actor} actor
 * @param {number} ttlMs how long it holds
 * @throws {Failure} where tokens are not issued here
 */
export async function issueToken({ dataDir, identity }, actor, ttlMs) {
  if (identity.issuer !== undefined) {
    throw new Failure(
      `Tokens are issued by ${identity.issuer} (AUTH_ISSUER), not here. Give one as AUTH_TOKEN.`,
    );
  }
  const platform = await loadPlatform();
  return platform.issueEmbeddedToken(dataDir, actor, ttlMs);
}

/**
 * What clients of an installation send to be known: a token that was given, or one of its own issuer, renewed in time.
 *
 * @param {Installation} installation
 * @param {Actor} actor
 * @returns {Authorize}
 */
export function authorizer(installation, actor) {
  const { required, token } = installation.identity;
  /** @type {{ authorization: string, until: number } | undefined} */
  let known;
  return async () => {
    if (!required) return {};
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    if (!known || known.until < Date.now()) {
      const authorization = `Bearer ${await issueToken(installation, actor, HOUR_MS)}`;
      known = { authorization, until: Date.now() + HOUR_MS - SPARE_MS };
    }
    return { authorization: known.authorization };
  };
}

/**
 * What the processes of an installation show one another.
 *
 * @param {Installation} installation
 * @returns {Promise<Headers>}
 */
export async function installationHeaders({ dataDir, identity }) {
  if (!identity.required) return {};
  const { INSTALLATION_HEADER, readInstallationSecret } = await loadPlatform();
  return { [INSTALLATION_HEADER]: readInstallationSecret(dataDir, identity.secret) };
}
