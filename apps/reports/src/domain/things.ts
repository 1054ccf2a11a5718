import type { AlarmChangeKind, AlarmState, OpeningState, RuleState } from '@seguridad-abc/contracts';

/** A rule as the read model keeps it. */
export interface ProjectedRule {
  readonly state: RuleState;
  /** The log position at which the rule began. No two rules share one, so it orders them and cursors hold it. */
  readonly createdPosition: number;
}

/** An opening of a user's, known by its first reading or its first rule. */
export interface ProjectedOpening {
  readonly userId: string;
  readonly name: string;
  /** Null while no reading has taken effect. */
  readonly state: OpeningState | null;
  /** When it came to be in this state. */
  readonly since: string | null;
  /** The log position of the last event that told its state; 0 while none did. */
  readonly changedPosition: number;
}

/** A time in which an opening was, or still is, open. */
export interface ProjectedInterval {
  readonly userId: string;
  readonly opening: string;
  /** The reading that starts it; it names the interval among those of its opening. */
  readonly startId: string;
  /** Null: it is no interval any more, which is kept so that an older event does not bring it back. */
  readonly startedAt: string | null;
  /** Null while it is open. */
  readonly endedAt: string | null;
  /** The log position of the last event that told of it. */
  readonly changedPosition: number;
}

export interface ProjectedAlarm {
  readonly state: AlarmState;
  /** What made this version of it. */
  readonly change: AlarmChangeKind;
  /** The log position of that. No two alarms share one. */
  readonly changedPosition: number;
}

/** Things of every kind that the read model keeps. */
export interface Things {
  readonly rules: readonly ProjectedRule[];
  readonly openings: readonly ProjectedOpening[];
  readonly intervals: readonly ProjectedInterval[];
  readonly alarms: readonly ProjectedAlarm[];
}
export type KindOfThing = keyof Things;
export type Thing<Kind extends KindOfThing> = Things[Kind][number];

export const NOTHING: Things = { rules: [], openings: [], intervals: [], alarms: [] };
