import type { AlarmState, OpeningIntervalRecord } from '@seguridad-abc/contracts';

/**
 * Whether an interval belongs to the history from before a horizon: it ended before it. An interval that contains the horizon
 * does not.
 * @param before the horizon, an instant as events carry it
 */
export const isIntervalBeforeHorizon = (
  { endedAt }: Pick<OpeningIntervalRecord, 'endedAt'>,
  before: string,
): boolean => endedAt !== null && endedAt < before;

/**
 * Whether an alarm belongs to the history from before a horizon: it was cleared before it, or retracted and due before it. An
 * active alarm does not, however old it is.
 * @param before the horizon, an instant as events carry it
 */
export const isAlarmBeforeHorizon = (
  { status, clearedAt, raisedAt }: Pick<AlarmState, 'status' | 'clearedAt' | 'raisedAt'>,
  before: string,
): boolean => status !== 'ACTIVE' && (clearedAt ?? raisedAt) < before;
