import type { Weekday } from '@seguridad-abc/contracts';

/** When an opening may be open. */
export interface AllowedHours {
  /** Wall clock `HH:mm` or `HH:mm:ss`; null together with `closesAt`: always. */
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  /** The days on which the hours begin; none: never. */
  readonly days: readonly Weekday[];
  /** IANA name. */
  readonly timeZone: string;
}

/** A rule's definition as it holds in `[from, until)`. */
export interface RuleVersion extends AllowedHours {
  readonly from: number;
  /** Null: up to now and on. */
  readonly until: number | null;
  /** False where the rule is disabled or deleted: nothing is due. */
  readonly enabled: boolean;
  readonly maxOpenSeconds: number | null;
}
