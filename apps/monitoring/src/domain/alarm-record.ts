import type { AlarmState } from '@seguridad-abc/contracts';

/** What is kept of an alarm: what readers know of it, and what it takes to judge it again. */
export interface AlarmRecord extends AlarmState {
  readonly openingId: number;
  /** The `OPEN` reading that starts its interval. */
  readonly startId: string;
  /** Why it was raised. */
  readonly cause: string;
}

/** What readers know of it. */
export const alarmStateOf = ({ openingId: _, startId: __, cause: ___, ...state }: AlarmRecord): AlarmState =>
  state;
