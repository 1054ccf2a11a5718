import type { AlarmKind, AlarmState, AlarmStatus, Severity } from '@seguridad-abc/contracts';
import type { AlarmPlace } from './cursor.js';
import type { ListReader } from './list-reader.js';

export type AlarmColumn = 'userId' | 'ruleId' | 'opening';

/** Which alarms of a list. */
export interface AlarmFilter {
  readonly kind?: AlarmKind | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly status?: readonly AlarmStatus[] | undefined;
  readonly acknowledged?: boolean | undefined;
  /** `raisedAt` from this instant on, */
  readonly raisedFrom?: string | undefined;
  /** and before this one. */
  readonly raisedBefore?: string | undefined;
}

/** What queries ask of alarms. Each call is one statement, however many ids or lists it is for. */
export interface AlarmReader extends ListReader<AlarmColumn, AlarmFilter, AlarmState, AlarmPlace> {
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, AlarmState>>;
}
