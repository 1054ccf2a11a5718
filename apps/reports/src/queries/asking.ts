import type { Actor } from '@seguridad-abc/contracts';

/** Who asks, in one request. */
export interface Asking {
  readonly caller: Actor;
  /** How long an entity is waited for, at most. */
  readonly waitMs: number;
}
