import type { Caller } from '@seguridad-abc/platform';

/** Who sent an operation, and what subgraphs are shown to find it out themselves. */
export interface Credentials {
  /** Undefined: nobody said who, and only what is public is answered. */
  readonly caller: Caller | undefined;
  /** With what shows that the gateway asks. */
  readonly headers: Readonly<Record<string, string>>;
}
