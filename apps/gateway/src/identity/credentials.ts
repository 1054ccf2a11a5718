import { AUTHORIZATION_HEADER, type Caller } from '@seguridad-abc/platform';

/** Who sent an operation, and what subgraphs are shown to find it out themselves. */
export interface Credentials {
  /** Undefined: nobody said who, and only what is public is answered. */
  readonly caller: Caller | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export const ANONYMOUS: Credentials = { caller: undefined, headers: {} };

export const credentialsOf = (caller: Caller, authorization: string): Credentials => ({
  caller,
  headers: { [AUTHORIZATION_HEADER]: authorization },
});
