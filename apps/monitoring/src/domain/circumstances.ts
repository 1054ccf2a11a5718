import type { Actor } from '@seguridad-abc/contracts';

/** Who commands, and when. */
export interface Circumstances {
  readonly caller: Actor;
  /** The server's instant. */
  readonly now: string;
}
