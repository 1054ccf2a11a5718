import { getErrorCode, UserFacingError } from './errors.mjs';

/**
 * @typedef {import('@seguridad-abc/contracts').Actor} Actor
 *
 * @typedef {Readonly<Record<string, string>>} HttpHeaders
 *
 * @typedef {() => Promise<HttpHeaders>} Authorize returns the headers that identify the caller of the next request
 *
 * @typedef {Pick<import('./installation-settings.mjs').InstallationSettings, 'dataDir' | 'identity'>} Installation the
 *   data folder holds the signing key; only its owner can read it
 */

/** The caller that the commands act as. Access to the data folder gives access to every user's data. */
export const OPERATOR_ACTOR = /** @type {const} */ ({ id: 'operator', role: 'operator' });

const TOKEN_LIFETIME_MS = 3_600_000; // 1 hour
/** A token is renewed this long before it expires, so that it outlives the request. */
const RENEWAL_MARGIN_MS = 300_000; // 5 minutes

/**
 * Loads the built package `platform`, which has the code that commands share with the services.
 *
 * @throws {UserFacingError} if it is not built
 */
export async function loadPlatformPackage() {
  try {
    return await import('@seguridad-abc/platform');
  } catch (error) {
    if (getErrorCode(error) === 'ERR_MODULE_NOT_FOUND') {
      throw new UserFacingError('The project is not built: run npm start, or npm run build, first.');
    }
    throw error;
  }
}

/**
 * Issues a token that is signed with the installation's key.
 *
 * @param {Installation} installation
 * @param {Actor} actor
 * @param {number} ttlMs lifetime
 * @throws {UserFacingError} if another issuer is configured
 */
export async function issueToken({ dataDir, identity }, actor, ttlMs) {
  if (identity.issuer !== undefined) {
    throw new UserFacingError(
      `This installation does not issue tokens; ${identity.issuer} (AUTH_ISSUER) does. Set AUTH_TOKEN to one of its tokens.`,
    );
  }
  const platform = await loadPlatformPackage();
  return platform.issueEmbeddedToken(dataDir, actor, ttlMs);
}

/**
 * Creates the authorization of a client: AUTH_TOKEN if it is set, otherwise an issued token, which is renewed before it
 * expires.
 *
 * @param {Installation} installation
 * @param {Actor} actor
 * @returns {Authorize}
 */
export function createAuthorizer(installation, actor) {
  const { required, token } = installation.identity;
  /** @type {{ authorization: string, renewAt: number } | undefined} */
  let issued;
  return async () => {
    if (!required) return {};
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    if (!issued || issued.renewAt < Date.now()) {
      const authorization = `Bearer ${await issueToken(installation, actor, TOKEN_LIFETIME_MS)}`;
      issued = { authorization, renewAt: Date.now() + TOKEN_LIFETIME_MS - RENEWAL_MARGIN_MS };
    }
    return { authorization: issued.authorization };
  };
}

/**
 * Headers with which the processes of one installation identify themselves to each other.
 *
 * @param {Installation} installation
 * @returns {Promise<HttpHeaders>}
 */
export async function getInstallationHeaders({ dataDir, identity }) {
  if (!identity.required) return {};
  const { INSTALLATION_SECRET_HEADER, readInstallationSecret } = await loadPlatformPackage();
  return { [INSTALLATION_SECRET_HEADER]: readInstallationSecret(dataDir, identity.secret) };
}
