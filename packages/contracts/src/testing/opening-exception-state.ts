import type { OpeningExceptionState } from '../opening-exception.js';

/** A valid exception for tests: the shop door of `ana` may be open from 20:00 to 23:00. */
export const createOpeningExceptionState = (
  overrides: Partial<OpeningExceptionState> = {},
): OpeningExceptionState => ({
  id: 'exception-1',
  userId: 'ana',
  openings: ['Shop'],
  effect: 'ALLOW',
  from: '2026-01-31T20:00:00.000Z',
  until: '2026-01-31T23:00:00.000Z',
  reason: 'Stock-taking',
  createdBy: 'ana',
  createdAt: '2026-01-31T08:00:00.000Z',
  cancelledAt: null,
  updatedAt: '2026-01-31T08:00:00.000Z',
  version: 1,
  ...overrides,
});
