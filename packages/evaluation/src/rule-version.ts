import type { RuleConditions } from '@seguridad-abc/contracts';

/** When an opening may be open: the conditions of a rule without its timer. */
export type AllowedHours = Readonly<Omit<RuleConditions, 'maxOpenSeconds' | 'days'>> & {
  readonly days: readonly RuleConditions['days'][number][];
};

/** A rule's conditions as they hold in `[from, until)`. */
export interface RuleVersion extends AllowedHours {
  readonly from: number;
  /** Null: no end is known. */
  readonly until: number | null;
  /** False while the rule is disabled or deleted: nothing is due. */
  readonly enabled: boolean;
  readonly maxOpenSeconds: number | null;
}
