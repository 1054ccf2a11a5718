import type { RuleState } from '@seguridad-abc/contracts';
import type { RulePlace } from './cursor.js';
import type { ListReader } from './list-reader.js';

export type RuleColumn = 'userId' | 'opening';

/** Which rules of a list, besides leaving out deleted ones. */
export interface RuleFilter {
  readonly enabled?: boolean | undefined;
  /** Part of the name, folded (domain/search-text). */
  readonly search?: string | undefined;
}

/** What queries ask of rules. Each call is one statement, however many ids or lists it is for. */
export interface RuleReader extends ListReader<RuleColumn, RuleFilter, RuleState, RulePlace> {
  /** Deleted ones too. */
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, RuleState>>;
}
