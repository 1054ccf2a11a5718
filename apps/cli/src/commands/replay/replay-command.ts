import {
  ALARM_KINDS,
  MAX_READINGS_PER_COMMAND,
  RULE_INPUT_DEFAULTS,
  type AlarmKind,
} from '@seguridad-abc/contracts';
import { normalizeTimeZone } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { wholeNumberOption } from '../../command-line/option-values.js';
import { createProgressDisplay } from '../../command-line/progress.js';
import { formatTable, type TableColumn } from '../../command-line/terminal.js';
import { readInputFile } from '../../csv/csv-file.js';
import { createOperatorClient } from '../../graphql/gateway-client.js';
import { AlarmCountsOfRuleDocument, type RuleColumnsFragment } from '../../graphql/generated.js';
import {
  checkGatewayAccess,
  getResponseData,
  GraphQLRequestError,
  type GraphQLClient,
} from '../../graphql/graphql-client.js';
import { readRulesOfUser } from '../../graphql/read-rules.js';
import { EXIT_CODES } from '../../shared/errors.js';
import { getCallerUserId } from '../../shared/identity.js';
import { explainMissingAlarms } from './missing-alarms.js';
import { parseReadingsCsv, type ScheduledReading } from './parse-readings-csv.js';
import { createReplayPace, sendReadings } from './send-readings.js';

const MAX_SPEED = 1_000_000;
/** Number of refused readings that are printed. */
const MAX_LISTED_READINGS = 20;

const logOption = (describe: string) =>
  ({ type: 'string', requiresArg: true, group: 'Logs with a change in each row:', describe }) as const;

/** Names or values, separated by commas. */
const listOption = () =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => !parts.includes(''), 'must be a list without empty parts')
    .optional();

/** `npm run replay`. */
export const createReplayCommand = defineCommand({
  command: 'replay <file>',
  describe: `Records the readings of a CSV file.

The first line names the columns, separated by commas, semicolons or tabs. A file has either an interval in each row: opening, opened_at, closed_at (empty: still open), and optionally place, which is ignored. Or it is a log with a change in each row: time, opening, state; its other columns are ignored. Logs of Home Assistant need no options. At the end it prints a table of the user's alarms by rule and kind. A file can be sent again, for example after an interruption: nothing is recorded twice.

Exit codes: 0 every reading is recorded; 1 a reading was refused; 2 wrong usage, an unreadable file (nothing was sent then), or the gateway does not answer; 130 interrupted.`,
  isReadOnly: false,
  examples: [
    ['npm run replay -- examples/openings.csv --zone Europe/Madrid --user ana', ''],
    ['npm run replay -- examples/openings.csv --speed 604800', 'replays a week in a second'],
    ['npm run replay -- log.csv --time-column date,time --skip-values LOW', 'replays a log of changes'],
  ],
  builder: (yargs) =>
    addGatewayUrlOption(
      yargs
        .positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'The CSV file; - reads standard input',
        })
        // Otherwise yargs takes - for an option.
        .nargs('file', 1)
        .option('zone', {
          type: 'string',
          requiresArg: true,
          default: RULE_INPUT_DEFAULTS.timeZone,
          describe: 'IANA time zone of times without an offset',
        })
        .option('speed', {
          type: 'string',
          requiresArg: true,
          default: '0',
          describe: '0: without delays; 1: with the original distances; 60: one minute in one second',
        })
        .option(
          'time-column',
          logOption('Column with the time; or two with a comma, of the date and of the time of day'),
        )
        .option('opening-column', logOption('Column with the opening'))
        .option('state-column', logOption('Column with the state'))
        .option('open-values', logOption('States of an open opening, separated by commas'))
        .option('closed-values', logOption('States of a closed opening'))
        .option('skip-values', logOption('States of rows to leave out'))
        .option('user', {
          type: 'string',
          requiresArg: true,
          describe: 'Owner of the openings. Default: operator, or the user of AUTH_TOKEN',
        })
        .option('batch', {
          type: 'string',
          requiresArg: true,
          default: String(MAX_READINGS_PER_COMMAND),
          describe: `Largest number of readings in a request, 1 to ${MAX_READINGS_PER_COMMAND}`,
        }),
    ),
  options: z.object({
    file: z.string(),
    zone: z
      .string()
      .refine((name) => normalizeTimeZone(name) !== undefined, 'must be an IANA time zone name'),
    timeColumn: listOption(),
    openingColumn: z.string().optional(),
    stateColumn: z.string().optional(),
    openValues: listOption(),
    closedValues: listOption(),
    skipValues: listOption(),
    speed: wholeNumberOption({ min: 0, max: MAX_SPEED }),
    user: z.string().optional(),
    batch: wholeNumberOption({ min: 1, max: MAX_READINGS_PER_COMMAND }),
    ...gatewayUrlOption,
  }),
  async run({ file, zone, speed, user, batch, url, ...log }, context) {
    const { folder, settings, signal, print, warn } = context;
    const userId = user ?? getCallerUserId(settings.identity);
    const client = createOperatorClient(url, context);
    const { readings, notes } = parseReadingsCsv(await readInputFile(file, folder), {
      timeZone: zone,
      columns: { time: log.timeColumn, opening: log.openingColumn, state: log.stateColumn },
      states: { OPEN: log.openValues, CLOSED: log.closedValues, SKIPPED: log.skipValues },
    });
    await checkGatewayAccess(client);
    for (const note of notes) warn(note);
    const progress = createProgressDisplay('readings');
    const { accepted, duplicates, refused, consistencyToken } = await sendReadings(client, readings, {
      userId,
      batchSize: batch,
      pace: createReplayPace(speed),
      signal,
      onWait: (message, seconds) => warn(`${message} The replay waits ${seconds} s and continues.`),
      onProgress: (sent) => progress.update(sent, readings.length, `up to ${readings[sent - 1]?.at ?? ''}`),
    });
    progress.end();
    const owner = user === undefined ? ` for ${userId}` : '';
    print(`${accepted} recorded${owner}, ${duplicates} already there, ${refused.length} refused.`);
    print(`Times without an offset are read in ${zone} (--zone).`);
    for (const { index, code, message } of refused.slice(0, MAX_LISTED_READINGS)) {
      const { opening = '', state = '', at = '' } = readings[index] ?? {};
      print(`  ${opening} ${state} ${at}: ${code}, ${message}`);
    }
    if (refused.length > MAX_LISTED_READINGS) print(`  and ${refused.length - MAX_LISTED_READINGS} more.`);
    signal.throwIfAborted();
    for (const line of await describeAlarms(client, userId, readings, consistencyToken)) print(line);
    return refused.length > 0 ? EXIT_CODES.failure : EXIT_CODES.success;
  },
});

/**
 * Describes the alarms of a user after readings were sent.
 * @param consistencyToken of the last readings
 * @returns lines for the user
 * @throws GraphQLRequestError
 */
async function describeAlarms(
  client: GraphQLClient,
  userId: string,
  readings: readonly ScheduledReading[],
  consistencyToken: string | undefined,
): Promise<readonly string[]> {
  try {
    const rules = await readRulesOfUser(client, userId, { consistencyToken });
    if (rules.length === 0) return [`\nThe user ${userId} has no rules, so there are no alarms.`];
    return [
      `\n${await createAlarmTable(client, rules, consistencyToken)}`,
      ...explainMissingAlarms(readings, rules),
    ];
  } catch (error) {
    // A device may record readings and nothing else.
    if (error instanceof GraphQLRequestError && error.code === 'FORBIDDEN') return [`\n${error.message}`];
    throw error;
  }
}

/**
 * Counts the alarms of rules by rule and kind. Retracted alarms do not count.
 * @param consistencyToken of the last readings
 * @returns a table
 * @throws GraphQLRequestError
 */
async function createAlarmTable(
  client: GraphQLClient,
  rules: readonly RuleColumnsFragment[],
  consistencyToken: string | undefined,
): Promise<string> {
  const rows: { name: string; opening: string; counts: Readonly<Record<AlarmKind, number | undefined>> }[] =
    [];
  for (const { id, user, name, opening } of rules) {
    const variables = { userId: user.id, ruleId: id };
    const response = await client.execute(AlarmCountsOfRuleDocument, variables, consistencyToken);
    const alarms = getResponseData(response, 'The alarms cannot be read');
    rows.push({ name, opening, counts: mapAlarmKinds((kind) => alarms[kind]?.totalCount) });
  }
  rows.sort((one, other) => (one.name < other.name ? -1 : 1));
  const kinds = ALARM_KINDS.filter(
    (kind) => ALWAYS_LISTED_KINDS.includes(kind) || rows.some(({ counts }) => counts[kind] !== 0),
  );
  return formatTable(
    [
      { title: 'rule' },
      { title: 'opening' },
      ...kinds.map((kind): TableColumn => ({ title: kind, align: 'right' })),
    ],
    rows.map(({ name, opening, counts }) => [
      name,
      opening,
      ...kinds.map((kind) => String(counts[kind] ?? '?')),
    ]),
  );
}

/** The other kinds are listed if there are alarms of them. */
const ALWAYS_LISTED_KINDS: readonly AlarmKind[] = ['OUTSIDE_HOURS', 'OPEN_TOO_LONG'];

const mapAlarmKinds = <Value>(getValue: (kind: AlarmKind) => Value): Record<AlarmKind, Value> =>
  Object.fromEntries(ALARM_KINDS.map((kind) => [kind, getValue(kind)])) as Record<AlarmKind, Value>;
