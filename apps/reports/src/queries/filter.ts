import { foldText } from '../domain/search-text.js';
import type { RuleFilter } from './rule-reader.js';

/** As a client gives it. Null is as good as absent. */
export interface FilterArg {
  readonly userId?: string | null | undefined;
  readonly opening?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly search?: string | null | undefined;
}

/** Brings texts to the form in which the read model has them. */
export function readFilter({ opening, enabled, search }: FilterArg): RuleFilter {
  const part = foldText(search ?? '');
  return {
    opening: opening?.trim().normalize('NFC'),
    enabled: enabled ?? undefined,
    search: part === '' ? undefined : part,
  };
}
