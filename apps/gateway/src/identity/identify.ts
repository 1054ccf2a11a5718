import { authorizationGiven, soon, type Identity } from '@seguridad-abc/platform';
import { ANONYMOUS, credentialsOf, type Credentials } from './credentials.js';

/**
 * Finds out who calls, by an `Authorization` header or what stands for one; at once where the token has been seen before.
 * @throws ExpectedError UNAUTHENTICATED for a token that is not good; IDENTITY_UNAVAILABLE where that cannot be found out
 */
export type Identify = (authorization: unknown) => Credentials | Promise<Credentials>;

/** Who says nothing is nobody: what is public is answered all the same. */
export const identifyBy =
  ({ callerOf, required }: Pick<Identity, 'callerOf' | 'required'>): Identify =>
  (authorization) => {
    if (!required) return soon(callerOf(undefined), (caller) => ({ caller, headers: {} }));
    if (!authorizationGiven(authorization)) return ANONYMOUS;
    return soon(callerOf(authorization), (caller) => credentialsOf(caller, String(authorization)));
  };
