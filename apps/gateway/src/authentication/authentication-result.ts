import { createHash } from 'node:crypto';
import {
  AUTHORIZATION_HEADER,
  hasAuthorization,
  mapMaybePromise,
  type Caller,
  type IdentityService,
} from '@seguridad-abc/platform';

/** The sender of an operation, and the headers by which subgraphs verify it themselves. */
export interface AuthenticationResult {
  /** Undefined for anonymous requests, which may read public fields only. */
  readonly caller: Caller | undefined;
  /** Sent to subgraphs: the client's token and the headers that identify the gateway. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Authenticates a client by the value of an `Authorization` header. Synchronous if the token was verified recently.
 * @throws ExpectedError UNAUTHENTICATED for an invalid token; IDENTITY_UNAVAILABLE if tokens cannot be verified now
 */
export type Authenticator = (authorization: unknown) => AuthenticationResult | Promise<AuthenticationResult>;

/** Creates the gateway's authentication. Requests without credentials are anonymous, unless `AUTH=off`. */
export function createAuthenticator({
  authenticate,
  required,
  installationHeaders,
}: Pick<IdentityService, 'authenticate' | 'required' | 'installationHeaders'>): Authenticator {
  const anonymous: AuthenticationResult = { caller: undefined, headers: installationHeaders };
  /** The identity service returns the same caller object for the same token. */
  const credentialsByCaller = new WeakMap<Caller, AuthenticationResult>();

  const getCredentials = (caller: Caller, authorization: unknown): AuthenticationResult => {
    const cached = credentialsByCaller.get(caller);
    if (cached) return cached;
    const tokenHeaders = required ? { [AUTHORIZATION_HEADER]: String(authorization) } : {};
    const credentials = { caller, headers: { ...installationHeaders, ...tokenHeaders } };
    credentialsByCaller.set(caller, credentials);
    return credentials;
  };

  return (authorization) => {
    if (required && !hasAuthorization(authorization)) return anonymous;
    return mapMaybePromise(authenticate(authorization), (caller) => getCredentials(caller, authorization));
  };
}

/**
 * Derives a key that is equal for credentials with equal authorization: same caller, same role, same headers for
 * subgraphs. Two tokens of one user have different keys, since a subgraph may read any claim.
 */
export const deriveAuthorizationKey = ({ caller, headers }: AuthenticationResult): string =>
  createHash('sha256')
    .update(JSON.stringify([caller?.role ?? null, caller?.id ?? null, headers]))
    .digest('base64url');
