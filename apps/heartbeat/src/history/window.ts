const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

/** How far back each window of the API reaches, in milliseconds. */
export const WINDOW_MS = {
  HOUR: HOUR_MS,
  DAY: DAY_MS,
  WEEK: 7 * DAY_MS,
  MONTH: 30 * DAY_MS,
} as const;

export type UptimeWindow = keyof typeof WINDOW_MS;
