import type { Actor } from '@seguridad-abc/contracts';
import {
  INSTALLATION_SECRET_HEADER,
  issueEmbeddedToken,
  readInstallationSecret,
  type TokenSubject,
} from '@seguridad-abc/platform/installation';
import { z } from 'zod';
import { UserFacingError } from './errors.js';
import type { IdentitySettings, InstallationSettings } from './installation-settings.js';

export type HttpHeaders = Readonly<Record<string, string>>;

/** Returns the headers that identify the caller of the next request. */
export type Authorize = () => Promise<HttpHeaders>;

/** The data folder holds the signing key; only its owner can read it. */
export type InstallationIdentity = Pick<InstallationSettings, 'dataDir' | 'identity'>;

/** The caller that the commands act as. Access to the data folder gives access to every user's data. */
export const OPERATOR_ACTOR = { id: 'operator', role: 'operator' } as const satisfies Actor;

const TOKEN_LIFETIME_MS = 3_600_000; // 1 hour
/** A token is renewed this long before it expires, so that it outlives the request. */
const RENEWAL_MARGIN_MS = 300_000; // 5 minutes

/**
 * Issues a token that is signed with the installation's key.
 * @param ttlMs lifetime
 * @throws UserFacingError if another issuer is configured
 */
export async function issueToken(
  { dataDir, identity }: InstallationIdentity,
  subject: TokenSubject,
  ttlMs: number,
): Promise<string> {
  if (identity.issuer !== undefined) {
    throw new UserFacingError(
      `This installation does not issue tokens; ${identity.issuer} (AUTH_ISSUER) does. Set AUTH_TOKEN to one of its tokens.`,
    );
  }
  return issueEmbeddedToken(dataDir, subject, ttlMs, identity.secret);
}

/**
 * Creates the authorization of a client: AUTH_TOKEN if it is set, otherwise an issued token, which is renewed before it
 * expires.
 */
export function createAuthorizer(installation: InstallationIdentity, actor: Actor): Authorize {
  const { required, token } = installation.identity;
  let issued: { readonly authorization: string; readonly renewAt: number } | undefined;
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
 * The user that the commands act as, who owns what they create by default: the user of AUTH_TOKEN if it is set, otherwise the
 * operator. The server verifies the token; this function only reads it.
 */
export function getCallerUserId({ required, token }: IdentitySettings): string {
  const subject = required && token !== undefined ? readTokenSubject(token) : undefined;
  return subject ?? OPERATOR_ACTOR.id;
}

const tokenPayloadSchema = z.object({ sub: z.string() });

/** The claim `sub` of a [JWT](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2); undefined if the text is none. */
function readTokenSubject(token: string): string | undefined {
  const [, payload = ''] = token.split('.');
  try {
    return tokenPayloadSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).sub;
  } catch {
    return undefined;
  }
}

/** Headers with which the processes of one installation identify themselves to each other. */
export function getInstallationHeaders({ dataDir, identity }: InstallationIdentity): HttpHeaders {
  if (!identity.required) return {};
  return { [INSTALLATION_SECRET_HEADER]: readInstallationSecret(dataDir, identity.secret) };
}
