import { authorizationGiven, type Identity } from '@seguridad-abc/platform';
import { ANONYMOUS, credentialsOf, type Credentials } from './credentials.js';

/**
 * Finds out who calls, by an `Authorization` header or what stands for one.
 * @throws ExpectedError UNAUTHENTICATED for a token that is not good; IDENTITY_UNAVAILABLE where that cannot be found out
 */
export type Identify = (authorization: unknown) => Promise<Credentials>;

/** Who says nothing is nobody: what is public is answered all the same. */
export const identifyBy =
  ({ callerOf, required }: Pick<Identity, 'callerOf' | 'required'>): Identify =>
  async (authorization) => {
    if (!required) return { caller: await callerOf(undefined), headers: {} };
    if (!authorizationGiven(authorization)) return ANONYMOUS;
    return credentialsOf(await callerOf(authorization), String(authorization));
  };
