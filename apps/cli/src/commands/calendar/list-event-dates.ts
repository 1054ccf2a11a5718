import { MAX_CALENDAR_LABEL_LENGTH, RULE_INPUT_DEFAULTS } from '@seguridad-abc/contracts';
import { normalizeTimeZone, removeHiddenCharacters } from '@seguridad-abc/evaluation';
import type ICAL from 'ical.js';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { getErrorMessage, UsageError } from '../../shared/errors.js';
import { EventTimeError, readDuration, readTimes, type EventTime } from './icalendar-times.js';
import type { CalendarFileEvent } from './parse-icalendar.js';

export interface EventDatesOptions {
  /** `YYYY-MM-DD`: the first date. */
  readonly from: string;
  /** `YYYY-MM-DD`: the last date. */
  readonly until: string;
  /** The zone in which times without a zone and times in UTC are read. Undefined: that of the file. */
  readonly zone: string | undefined;
}

export interface EventDates {
  /** What takes place on each date that an event covers, by date, in order. */
  readonly labels: ReadonlyMap<string, string | null>;
  readonly cancelledEvents: number;
  /** Events without a date in the period. */
  readonly eventsOutside: number;
  /** Events with times: they count for the whole of their dates. */
  readonly timedEvents: number;
}

/** Limits of the expansion of one rule, so that no rule takes long. */
const RECURRENCE_LIMITS = { maxIterations: 100_000, maxCandidateEvaluations: 200_000 };
const TIMES_OF_DAY = new Set(['BYHOUR', 'BYMINUTE', 'BYSECOND']);
/** Parts of a rule that are calculated. Any other part could change the dates. */
const RECURRENCE_PARTS = new Set([
  ...['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYSETPOS'],
  ...['BYMONTH', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYDAY', ...TIMES_OF_DAY],
]);
const FREQUENCIES_WITHIN_A_DAY = new Set(['HOURLY', 'MINUTELY', 'SECONDLY']);

/** Limits the time that a file takes whose events cover the same dates again and again. */
const MAX_LISTED_DATES = 200_000;

const MS_PER_DAY = 86_400_000;
/** Days since 1970-01-01. */
const getEpochDay = (date: Temporal.PlainDate): number => Date.parse(date.toString()) / MS_PER_DAY;

/** The dates in which events are looked for. */
interface Period {
  /** Days since 1970-01-01. */
  readonly firstDay: number;
  readonly dates: readonly string[];
}

function createPeriod({ from, until }: EventDatesOptions): Period {
  const [first, last] = [from, until].map((date) => getEpochDay(Temporal.PlainDate.from(date))) as [
    number,
    number,
  ];
  const dates = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    new Date((first + index) * MS_PER_DAY).toISOString().slice(0, 10),
  );
  return { firstDay: first, dates };
}

/** An occurrence of an event, by the clock on the wall. */
interface Occurrence {
  readonly start: Temporal.PlainDateTime;
  /** Exclusive. Equal to the start: no time. */
  readonly end: Temporal.PlainDateTime;
}

/** An event with what its occurrences have in common. */
interface ReadEvent {
  readonly event: CalendarFileEvent;
  readonly uid: string | undefined;
  readonly label: string | null;
  readonly isCancelled: boolean;
  readonly start: EventTime;
  readonly duration: Temporal.Duration;
  /** Undefined: the event is no changed occurrence of another event. */
  readonly recurrenceId: EventTime | undefined;
  readonly localZone: string;
}

/**
 * Lists the dates that the events of a file cover: repetitions included, cancelled events and occurrences not. The end of an event
 * is exclusive, so an event that ends at midnight does not cover the date that begins then.
 * @throws UsageError which names the line of an event that cannot be read
 */
export function listEventDates(events: readonly CalendarFileEvent[], options: EventDatesOptions): EventDates {
  const readEvents = events.map((event) => locateErrors(event, () => readEvent(event, options.zone)));
  const changedStarts = groupChangedStarts(readEvents);
  const heldEvents = readEvents.filter(({ isCancelled }) => !isCancelled);
  const labels = new Map<string, Set<string>>();
  const period = createPeriod(options);
  let listedCount = 0;
  let eventsOutside = 0;
  for (const event of heldEvents) {
    const changed = event.recurrenceId ? [] : (changedStarts.get(event.uid ?? '') ?? []);
    const occurrences = locateErrors(event.event, () => listOccurrences(event, changed, options));
    const dates = new Set<string>();
    for (const occurrence of occurrences) {
      for (const date of listDates(occurrence, period)) dates.add(date);
    }
    for (const date of dates) {
      const labelsOfDate = labels.get(date) ?? new Set();
      labels.set(date, labelsOfDate);
      if (event.label !== null) labelsOfDate.add(event.label);
    }
    listedCount += dates.size;
    if (dates.size === 0) eventsOutside += 1;
    if (listedCount > MAX_LISTED_DATES) {
      throw new UsageError(
        'The events of the file cover too many dates: choose a shorter time by --from and --until.',
      );
    }
  }
  return {
    labels: new Map(
      [...labels]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([date, texts]) => [date, texts.size === 0 ? null : shortenLabel([...texts].join(', '))]),
    ),
    cancelledEvents: readEvents.length - heldEvents.length,
    eventsOutside,
    timedEvents: heldEvents.filter(({ start }) => !start.isDate).length,
  };
}

/**
 * Groups the occurrences that an event of the file changes or cancels, by the `UID` of the repeated event.
 * @returns their original starts
 */
function groupChangedStarts(events: readonly ReadEvent[]): ReadonlyMap<string, readonly EventTime[]> {
  const starts = new Map<string, EventTime[]>();
  for (const { uid, recurrenceId } of events) {
    if (uid === undefined || !recurrenceId) continue;
    const group = starts.get(uid) ?? [];
    group.push(recurrenceId);
    starts.set(uid, group);
  }
  return starts;
}

/** Adds the place of an event to errors. */
function locateErrors<Result>({ line, component }: CalendarFileEvent, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const label = readLabel(component);
    const place = `The event at line ${line}${label === null ? '' : ` ("${label}")`} cannot be read`;
    throw new UsageError(`${place}: ${getErrorMessage(error)}.`);
  }
}

function readEvent(event: CalendarFileEvent, zone: string | undefined): ReadEvent {
  const { component, calendar } = event;
  const fileZone = normalizeTimeZone(readText(calendar, 'x-wr-timezone') ?? '');
  const localZone = zone ?? fileZone ?? RULE_INPUT_DEFAULTS.timeZone;
  const readTime = (name: string) =>
    component.getAllProperties(name).flatMap((property) => readTimes(property, localZone))[0];
  const start = readTime('dtstart');
  if (!start) throw new EventTimeError('it has no DTSTART');
  const recurrenceId = component.getFirstProperty('recurrence-id');
  if (recurrenceId?.getFirstParameter('range') === 'THISANDFUTURE') {
    throw new EventTimeError(
      'it changes all later occurrences (RANGE=THISANDFUTURE): export the calendar without it',
    );
  }
  const isCancelled = [readText(component, 'status'), readText(calendar, 'method')].some((text) =>
    ['CANCELLED', 'CANCEL'].includes(text?.toUpperCase() ?? ''),
  );
  return {
    event,
    uid: readText(component, 'uid'),
    label: readLabel(component),
    isCancelled,
    start,
    duration: getDuration(start, readTime('dtend'), component.getFirstProperty('duration')),
    recurrenceId: readTime('recurrence-id'),
    localZone,
  };
}

/** How long an event lasts by the clock on the wall. */
function getDuration(
  start: EventTime,
  end: EventTime | undefined,
  durationProperty: ICAL.Property | null,
): Temporal.Duration {
  const startTime = start.at.toPlainDateTime();
  const duration = end
    ? startTime.until(end.at.withTimeZone(start.at.timeZoneId).toPlainDateTime(), { largestUnit: 'days' })
    : durationProperty
      ? readDuration(durationProperty)
      : Temporal.Duration.from({ days: start.isDate ? 1 : 0 });
  const isPositive = Temporal.PlainDateTime.compare(startTime.add(duration), startTime) > 0;
  return isPositive ? duration : Temporal.Duration.from({ days: start.isDate ? 1 : 0 });
}

function readText(component: ICAL.Component, name: string): string | undefined {
  const value: unknown = component.getFirstPropertyValue(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function readLabel(component: ICAL.Component): string | null {
  const text = readText(component, 'summary') ?? '';
  // Calendar programs add characters without width to titles.
  const label = removeHiddenCharacters(text)
    .replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .normalize('NFC');
  return label === '' ? null : shortenLabel(label);
}

function shortenLabel(label: string): string {
  const characters = Array.from(label);
  return characters.length <= MAX_CALENDAR_LABEL_LENGTH
    ? label
    : `${characters.slice(0, MAX_CALENDAR_LABEL_LENGTH - 1).join('')}…`;
}

/** @param changed starts of occurrences that are listed with the event that changes them */
function listOccurrences(
  event: ReadEvent,
  changed: readonly EventTime[],
  options: EventDatesOptions,
): readonly Occurrence[] {
  const { component } = event.event;
  const { start, duration, localZone } = event;
  const readAll = (name: string) =>
    component.getAllProperties(name).flatMap((property) => readTimes(property, localZone));
  const starts = [start.at, ...listRepetitions(event, options), ...readAll('rdate').map(({ at }) => at)];
  const excluded = [...readAll('exdate'), ...changed];
  const excludedDates = new Set(
    excluded.filter(({ isDate }) => isDate || start.isDate).map(({ at }) => at.toPlainDate().toString()),
  );
  const excludedInstants = new Set(excluded.map(({ at }) => at.epochMilliseconds));
  return starts
    .filter(
      (at) => !excludedDates.has(at.toPlainDate().toString()) && !excludedInstants.has(at.epochMilliseconds),
    )
    .map((at) => at.toPlainDateTime())
    .map((startTime) => ({ start: startTime, end: startTime.add(duration) }));
}

/** Lists the starts that rules of an event add to its first one, as far as they can concern the period. */
function listRepetitions(
  { event: { component }, start, duration }: ReadEvent,
  { from, until }: EventDatesOptions,
): readonly Temporal.ZonedDateTime[] {
  const zone = start.at.timeZoneId;
  const after = Temporal.PlainDate.from(from).toZonedDateTime(zone).subtract({ days: 1 }).subtract(duration);
  const before = Temporal.PlainDate.from(until).toZonedDateTime(zone).add({ days: 1 });
  return component.getAllProperties('rrule').flatMap((property) => {
    const recurrence = new RRuleTemporal({
      rruleString: `RRULE:${formatRecurrenceRule(property)}`,
      dtstart: start.at,
      temporal: Temporal,
      ...RECURRENCE_LIMITS,
    });
    return recurrence.between(after, before, true);
  });
}

/** The text of a rule, as far as it is calculated. The parser itself would leave out unknown parts. */
function formatRecurrenceRule(property: ICAL.Property): string {
  const [, , , parts] = property.toJSON() as [string, object, string, Readonly<Record<string, unknown>>];
  if (parts['freq'] === undefined) throw new EventTimeError('its RRULE has no FREQ');
  return Object.entries(parts)
    .map(([key, value]) => formatRecurrencePart(key.toUpperCase(), String(value).toUpperCase()))
    .join(';');
}

function formatRecurrencePart(name: string, value: string): string {
  if (!RECURRENCE_PARTS.has(name)) throw new EventTimeError(`its RRULE has ${name}, which is not supported`);
  // A rule with many times of a day takes long to calculate, and a calendar has only dates.
  const repeatsWithinDay =
    (name === 'FREQ' && FREQUENCIES_WITHIN_A_DAY.has(value)) ||
    (TIMES_OF_DAY.has(name) && value.includes(','));
  if (repeatsWithinDay) throw new EventTimeError('it repeats within a day, which is not supported');
  // The parser writes the end like 2027-12-31T00:00:00Z.
  return `${name}=${name === 'UNTIL' ? value.replace(/[-:]/g, '') : value}`;
}

/** Lists the dates of an occurrence in the period. */
function listDates({ start, end }: Occurrence, period: Period): readonly string[] {
  const firstDay = getEpochDay(start.toPlainDate());
  const endDay = getEpochDay(end.toPlainDate());
  const endsAtMidnight = end.toPlainTime().equals(new Temporal.PlainTime());
  // At midnight, no time of the last date has passed.
  const lastDay = endDay > firstDay && endsAtMidnight ? endDay - 1 : endDay;
  const [firstIndex, endIndex] = [firstDay, lastDay + 1].map((day) => Math.max(0, day - period.firstDay));
  return period.dates.slice(firstIndex, endIndex);
}
