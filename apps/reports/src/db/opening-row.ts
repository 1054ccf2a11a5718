import type { ProjectedInterval, ProjectedOpening } from '../domain/things.js';
import type { intervals, openings } from './schema.js';

export type OpeningRow = typeof openings.$inferSelect;
export type IntervalRow = typeof intervals.$inferSelect;

export const fromOpeningRow = (row: OpeningRow): ProjectedOpening => ({
  userId: row.userId,
  name: row.name,
  state: row.state,
  since: row.since,
  changedPosition: row.changedPosition,
});

export const fromIntervalRow = (opening: OpeningRow, row: IntervalRow): ProjectedInterval => ({
  userId: opening.userId,
  opening: opening.name,
  startId: row.startId,
  startedAt: row.startedAt,
  endedAt: row.endedAt,
  changedPosition: row.changedPosition,
});
