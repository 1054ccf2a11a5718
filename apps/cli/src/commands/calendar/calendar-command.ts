import type { CalendarWindow } from '@seguridad-abc/contracts';
import { normalizeTimeZone } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import type { CommandContext } from '../../command-line/command-host.js';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { formatHelpHint, formatOptionName } from '../../command-line/option-values.js';
import { readInputFile } from '../../csv/csv-file.js';
import { parseCalendarWindows } from '../../csv/window-list.js';
import { createOperatorClient } from '../../graphql/gateway-client.js';
import { checkGatewayAccess } from '../../graphql/graphql-client.js';
import { EXIT_CODES, UsageError } from '../../shared/errors.js';
import { getCallerUserId } from '../../shared/identity.js';
import {
  createCalendarRequests,
  type Calendar,
  type CalendarRequests,
  type CalendarSelector,
} from './calendar-requests.js';
import { formatCalendarDates, formatCalendars, formatMergedDates } from './calendar-tables.js';
import { listEventDates, type EventDates } from './list-event-dates.js';
import { mergeCalendarDates, type DateOutcome, type MergedDate } from './merge-calendar-dates.js';
import { parseICalendar } from './parse-icalendar.js';

const ACTIONS = ['import', 'holidays', 'list', 'show', 'delete'] as const;

/** An iCalendar file may repeat events for ever. */
const MAX_PERIOD_DAYS = 1_830;
const MS_PER_DAY = 86_400_000;

const dateOption = () => z.iso.date('must be a date like 2027-12-31').optional();

const windowsOption = z.string().transform((text, context): readonly CalendarWindow[] => {
  const parsed = parseCalendarWindows(text);
  if (!('fault' in parsed) && parsed.value) return parsed.value;
  context.addIssue(
    'fault' in parsed ? `is wrong: ${parsed.fault.message.replace(/\.$/, '')}` : 'must not be empty',
  );
  return z.NEVER;
});

const yearsOption = z
  .string()
  .regex(/^\d{4}(?:,\d{4})*$/, 'must be years separated by commas, such as 2026,2027')
  .transform((text) => text.split(',').map(Number));

const optionsSchema = z.object({
  action: z.enum(ACTIONS),
  file: z.string().optional(),
  user: z.string().optional(),
  name: z.string().optional(),
  calendar: z.string().optional(),
  closed: z.boolean().default(false),
  windows: windowsOption.optional(),
  from: dateOption(),
  until: dateOption(),
  zone: z
    .string()
    .refine((zone) => normalizeTimeZone(zone) !== undefined, 'must be a time zone')
    .optional(),
  replace: z.boolean().default(false),
  country: z.string().optional(),
  region: z.string().optional(),
  years: yearsOption.optional(),
  dryRun: z.boolean().default(false),
  ...gatewayUrlOption,
});
type CalendarOptions = z.output<typeof optionsSchema>;

/** The options that each action has, besides `--user` and `--url`. */
const OPTIONS_OF_ACTIONS: Readonly<Record<CalendarOptions['action'], readonly (keyof CalendarOptions)[]>> = {
  import: ['file', 'name', 'calendar', 'closed', 'windows', 'from', 'until', 'zone', 'replace', 'dryRun'],
  holidays: ['name', 'calendar', 'country', 'region', 'years'],
  list: [],
  show: ['name', 'calendar'],
  delete: ['name', 'calendar'],
};

/** `npm run calendar`. */
export const createCalendarCommand = defineCommand({
  command: 'calendar <action> [file]',
  describe: `Creates, changes, shows or deletes the calendars of a user: dates, such as holidays, on which other hours hold than those of the rules that name the calendar.

import adds the dates of the events of an iCalendar file (.ics). holidays adds the public holidays of a country. Both create the calendar of this name, or add to it. A date that the calendar has stays as it is; import --replace replaces it. Dates that are not in the file stay.

Exit codes: 0 success; 1 the request was refused; 2 wrong usage, an unreadable file, or the gateway does not answer; 3 there is no such calendar; 130 interrupted.`,
  isReadOnly: false,
  examples: [
    [
      'npm run calendar -- import holidays.ics --user ana --name "Holidays 2027"',
      'closed on the dates of the file',
    ],
    [
      'npm run calendar -- import eves.ics --user ana --name Eves --windows "10:00-14:00"',
      'open for some hours',
    ],
    ['npm run calendar -- holidays --country CO --years 2026,2027 --user ana --name Holidays', ''],
    ['npm run calendar -- list --user ana', ''],
    ['npm run calendar -- show --user ana --name Holidays', ''],
    ['npm run calendar -- delete --user ana --name Holidays', ''],
  ],
  builder: (yargs) => {
    const IMPORT = 'Options of import:';
    const HOLIDAYS = 'Options of holidays:';
    const text = (describe: string, group?: string) =>
      ({ type: 'string', requiresArg: true, describe, ...(group !== undefined && { group }) }) as const;
    const flag = (describe: string) =>
      ({ type: 'boolean', default: false, describe, group: IMPORT }) as const;
    return addGatewayUrlOption(
      yargs
        .positional('action', { choices: ACTIONS, demandOption: true, describe: 'What to do' })
        .positional('file', {
          type: 'string',
          describe: 'import: the iCalendar file; - reads standard input',
        })
        // Otherwise yargs takes - for an option.
        .nargs('file', 1)
        .option('user', text('Owner of the calendar. Default: operator, or the user of AUTH_TOKEN'))
        .option('name', text('The name of the calendar'))
        .option('calendar', text('The id of the calendar, instead of --name: it must exist'))
        .option('closed', flag('Closed on the dates of the file. This is the default'))
        .option('windows', text('Hours on the dates of the file, such as "10:00-14:00; 16:00-18:00"', IMPORT))
        .option('from', text('First date. Default: 1 January of this year', IMPORT))
        .option('until', text('Last date. Default: 31 December of next year', IMPORT))
        .option(
          'zone',
          text('Time zone of times without one, and of times in UTC. Default: that of the file', IMPORT),
        )
        .option('replace', flag('Replaces dates that the calendar has'))
        .option('dry-run', flag('Prints the changes and makes none'))
        .option('country', text('Code of ISO 3166, such as CO', HOLIDAYS))
        .option('region', text('Code of a region of the country, such as CT of ES', HOLIDAYS))
        .option('years', text('Years, such as 2026,2027', HOLIDAYS)),
    );
  },
  options: optionsSchema,
  async run(options, context) {
    checkOptions(options);
    const { settings, signal } = context;
    const selector = { ...options, user: options.user ?? getCallerUserId(settings.identity) };
    // A wrong file is reported before the first request.
    const eventDates = options.action === 'import' ? await readEventDates(options, context) : undefined;
    const client = createOperatorClient(options.url, context);
    await checkGatewayAccess(client);
    const requests = createCalendarRequests(client, signal);
    if (eventDates) return importDates(eventDates, selector, requests, context);
    if (options.action === 'holidays') return addHolidays(selector, requests, context);
    if (options.action === 'list') {
      const calendars = await requests.list(selector.user);
      context.print(
        calendars.length === 0 ? `${selector.user} has no calendar.` : formatCalendars(calendars),
      );
      return EXIT_CODES.success;
    }
    const calendar = await requests.find(selector);
    if (!calendar) {
      context.warn(`${selector.user} has no calendar "${selector.name ?? ''}".`);
      return EXIT_CODES.nothingFound;
    }
    if (options.action === 'show') {
      context.print(`${describeCalendar(calendar, selector)} has ${countDates(calendar)}.`);
      if (calendar.dates.length > 0) context.print(formatCalendarDates(calendar.dates));
      return EXIT_CODES.success;
    }
    await requests.delete(calendar);
    context.print(`${describeCalendar(calendar, selector)} is deleted.`);
    return EXIT_CODES.success;
  },
});

type SelectedOptions = CalendarOptions & CalendarSelector;

const describeCalendar = ({ id, name }: Pick<Calendar, 'id' | 'name'>, { user }: CalendarSelector): string =>
  `The calendar "${name}" of ${user} (${id})`;

const countDates = ({ dates }: Pick<Calendar, 'dates'>): string =>
  dates.length === 1 ? '1 date' : `${dates.length} dates`;

/** @throws UsageError if an option is missing, or does not belong to the action */
function checkOptions(options: CalendarOptions): void {
  const { action } = options;
  const fail = (problem: string) => new UsageError(`${problem}. ${formatHelpHint('calendar')}`);
  const known = OPTIONS_OF_ACTIONS[action];
  const isGiven = (value: unknown) => value !== undefined && value !== false;
  const others = new Set(Object.values(OPTIONS_OF_ACTIONS).flat());
  const unexpected = [...others].find((name) => !known.includes(name) && isGiven(options[name]));
  if (unexpected !== undefined) {
    throw fail(
      `${unexpected === 'file' ? 'A file' : `--${formatOptionName(unexpected)}`} does not apply to calendar ${action}`,
    );
  }
  if (action === 'import' && options.file === undefined) throw fail('calendar import needs a file');
  if (action === 'holidays' && (options.country === undefined || options.years === undefined)) {
    throw fail('calendar holidays needs --country and --years');
  }
  if (known.includes('name') && (options.name === undefined) === (options.calendar === undefined)) {
    throw fail(`calendar ${action} needs --name or --calendar, and not both`);
  }
  if (options.closed && options.windows) throw fail('--closed and --windows exclude each other');
}

interface ImportedEvents extends EventDates {
  readonly from: string;
  readonly until: string;
}

async function readEventDates(
  { file = '', zone, ...options }: CalendarOptions,
  { folder }: CommandContext,
): Promise<ImportedEvents> {
  const year = new Date().getFullYear();
  const { from = `${year}-01-01`, until = `${year + 1}-12-31` } = options;
  const days = (Date.parse(until) - Date.parse(from)) / MS_PER_DAY;
  if (days < 0 || days > MAX_PERIOD_DAYS) {
    throw new UsageError(
      `--until must not be before --from, nor more than ${MAX_PERIOD_DAYS} days after it (${from} to ${until}).`,
    );
  }
  const events = parseICalendar(await readInputFile(file, folder));
  return { ...listEventDates(events, { from, until, zone }), from, until };
}

async function importDates(
  events: ImportedEvents,
  options: SelectedOptions,
  requests: CalendarRequests,
  { print, warn }: CommandContext,
): Promise<number> {
  const notes = describeSkippedEvents(events);
  if (events.labels.size === 0 && notes.length === 0) warn('The file has no events.');
  for (const note of notes) warn(note);
  const present = await requests.find(options);
  const merged = mergeCalendarDates(present?.dates ?? [], events.labels, {
    windows: options.windows ?? [],
    isReplacing: options.replace,
  });
  const counts = countOutcomes(merged);
  if (options.dryRun) {
    if (events.labels.size > 0) print(formatMergedDates(merged));
    print(`${counts}. Nothing is changed (--dry-run).`);
    return EXIT_CODES.success;
  }
  const hasChange = merged.some(({ outcome }) => outcome === 'added' || outcome === 'replaced');
  if (!hasChange && (present || events.labels.size === 0)) {
    print(`${counts}. Nothing is changed.`);
    return EXIT_CODES.success;
  }
  const saved = await requests.save(present, options, { dates: merged.map(({ date }) => date) });
  print(`${describeCalendar(saved, options)} has ${countDates(saved)}: ${counts}.`);
  return EXIT_CODES.success;
}

function countOutcomes(dates: readonly MergedDate[]): string {
  const count = (outcome: DateOutcome) => dates.filter((date) => date.outcome === outcome).length;
  return `${count('added')} added, ${count('replaced')} replaced, ${count('kept')} kept`;
}

function describeSkippedEvents({
  cancelledEvents,
  eventsOutside,
  timedEvents,
  from,
  until,
}: ImportedEvents): string[] {
  const notes: readonly (readonly [count: number, text: string])[] = [
    [cancelledEvents, 'skipped: cancelled'],
    [eventsOutside, `skipped: no date from ${from} to ${until}`],
    [timedEvents, 'with times, for which whole dates count'],
  ];
  return notes.flatMap(([count, text]) =>
    count === 0 ? [] : [`${count} ${count === 1 ? 'event' : 'events'}: ${text}.`],
  );
}

async function addHolidays(
  options: SelectedOptions,
  requests: CalendarRequests,
  { print }: CommandContext,
): Promise<number> {
  const { country = '', region, years = [] } = options;
  const present = await requests.find(options);
  const holidays = { country: country.toUpperCase(), years, ...(region !== undefined && { region }) };
  const saved = await requests.save(present, options, { holidays });
  const addedCount = saved.dates.length - (present?.dates.length ?? 0);
  print(`${describeCalendar(saved, options)} has ${countDates(saved)}: ${addedCount} added.`);
  return EXIT_CODES.success;
}
