import type { CalendarDate, CalendarWindow } from '@seguridad-abc/contracts';

/** What an import does with a date of the calendar. */
export type DateOutcome = 'added' | 'replaced' | 'kept';

export interface MergedDate {
  readonly date: CalendarDate;
  /** Undefined: the import does not concern the date. */
  readonly outcome: DateOutcome | undefined;
}

export interface MergeOptions {
  /** The windows of the imported dates. Empty: closed. */
  readonly windows: readonly CalendarWindow[];
  /** Whether an imported date takes the place of one that the calendar has. */
  readonly isReplacing: boolean;
}

/**
 * Adds dates to those of a calendar.
 * @param labels of the imported dates, by date
 * @returns all dates, in order
 */
export function mergeCalendarDates(
  existing: readonly CalendarDate[],
  labels: ReadonlyMap<string, string | null>,
  { windows, isReplacing }: MergeOptions,
): readonly MergedDate[] {
  const existingDates = new Set(existing.map(({ date }) => date));
  const merged = existing.map((present): MergedDate => {
    if (!labels.has(present.date)) return { date: present, outcome: undefined };
    const imported = createDate(present.date);
    return isReplacing && !isSameDate(present, imported)
      ? { date: imported, outcome: 'replaced' }
      : { date: present, outcome: 'kept' };
  });
  for (const date of labels.keys()) {
    if (!existingDates.has(date)) merged.push({ date: createDate(date), outcome: 'added' });
  }
  return merged.sort((one, other) => (one.date.date < other.date.date ? -1 : 1));

  function createDate(date: string): CalendarDate {
    return { date, label: labels.get(date) ?? null, windows: [...windows] };
  }
}

function isSameDate(one: CalendarDate, other: CalendarDate): boolean {
  const getParts = ({ label, windows }: CalendarDate) =>
    JSON.stringify([label, windows.map(({ opensAt, closesAt, openBy }) => [opensAt, closesAt, openBy])]);
  return getParts(one) === getParts(other);
}
