import { z } from 'zod';
import { instantSchema } from './instant.js';
import { calendarWindowSchema } from './rule.js';

/** The largest number of characters of a calendar's name. */
export const MAX_CALENDAR_NAME_LENGTH = 120;
/** The largest number of characters of the label of a date. */
export const MAX_CALENDAR_LABEL_LENGTH = 120;
/** The largest number of dates of a calendar. */
export const MAX_CALENDAR_DATES = 2_000;
/** The largest number of windows of one date. */
export const MAX_WINDOWS_PER_CALENDAR_DATE = 10;

/** The windows of one date, instead of those of the rules that name the calendar. */
export const calendarDateSchema = z.object({
  /** `YYYY-MM-DD`, read in the zone of each rule. */
  date: z.string(),
  /** 1 to 120 characters, such as the name of a holiday. */
  label: z.string().nullable(),
  /** The windows that start on the date. Empty: the opening may not be opened. */
  windows: z.array(calendarWindowSchema),
});
export type CalendarDate = z.infer<typeof calendarDateSchema>;

/** The complete state of a calendar at one version: what events carry, and what monitoring and reports store. */
export const calendarStateSchema = z.object({
  id: z.string(),
  /** The owner's id. */
  userId: z.string(),
  /** 1 to 120 characters; unique per user among calendars that are not deleted. */
  name: z.string(),
  /** At most 2,000, in order; each date once. */
  dates: z.array(calendarDateSchema),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** Null unless the calendar is deleted. */
  deletedAt: instantSchema.nullable(),
  /** 1 at creation, one more at each change. */
  version: z.int().positive(),
});
export type CalendarState = z.infer<typeof calendarStateSchema>;
