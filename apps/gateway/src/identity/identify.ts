import {
  AUTHORIZATION_HEADER,
  hasAuthorization,
  mapMaybePromise,
  type Caller,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { Credentials } from './credentials.js';

/**
 * Finds out who calls, by an `Authorization` header or what stands for one; at once where it has been seen before.
 * @throws ExpectedError UNAUTHENTICATED for a token that is not good; IDENTITY_UNAVAILABLE where that cannot be found out
 */
export type Identify = (authorization: unknown) => Credentials | Promise<Credentials>;

/** Who says nothing is nobody: what is public is answered all the same. */
export function identifyBy({
  authenticate,
  required,
  installationHeaders,
}: Pick<IdentityService, 'authenticate' | 'required' | 'installationHeaders'>): Identify {
  const nobody: Credentials = { caller: undefined, headers: installationHeaders };
  /** A caller is the same object for as long as his token is the same. */
  const known = new WeakMap<Caller, Credentials>();

  const credentialsOf = (caller: Caller, authorization: unknown): Credentials => {
    const before = known.get(caller);
    if (before) return before;
    const shown = required ? { [AUTHORIZATION_HEADER]: String(authorization) } : {};
    const credentials = { caller, headers: { ...installationHeaders, ...shown } };
    known.set(caller, credentials);
    return credentials;
  };

  return (authorization) => {
    if (required && !hasAuthorization(authorization)) return nobody;
    return mapMaybePromise(authenticate(authorization), (caller) => credentialsOf(caller, authorization));
  };
}
