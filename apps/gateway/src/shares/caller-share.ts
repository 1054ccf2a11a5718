import type { Role } from '@seguridad-abc/contracts';
import { Allowance, type AllowanceRate } from '@seguridad-abc/platform';

/**
 * Whose share it is: the role of an identified caller; anonymous for all callers without a token at one address; unverified for
 * requests of one address that name a device, until their signatures are verified.
 */
export type ShareKind = Role | 'anonymous' | 'unverified';

/** What one caller uses of a gateway: its rate of cost, and what it holds at the moment. */
export class CallerShare {
  readonly allowance: Allowance;
  openSockets = 0;
  runningOperations = 0;
  subscriptionSlots = 0;
  /** When the settlement of its allowance was last started, in milliseconds of the clock. */
  settledAtMs = -Infinity;
  /** Whether a settlement is planned, and how soon. */
  settlement: 'none' | 'planned' | 'urgent' = 'none';

  /**
   * @param key the same for all requests of the caller
   * @param tier of the token from which `rate` follows
   */
  constructor(
    readonly key: string,
    readonly kind: ShareKind,
    public tier: string | undefined,
    rate: AllowanceRate,
  ) {
    this.allowance = new Allowance(rate);
  }

  /** Whether the caller holds something now. A share in use must not be forgotten. */
  get isInUse(): boolean {
    return this.openSockets > 0 || this.runningOperations > 0 || this.subscriptionSlots > 0;
  }
}
