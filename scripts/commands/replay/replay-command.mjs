import { parseWholeNumber } from '../../cli/option-values.mjs';
import { runTool } from '../../cli/run-tool.mjs';
import { createProgressDisplay, formatTable } from '../../cli/terminal.mjs';
import { readInputFile } from '../../csv/csv-file.mjs';
import {
  checkGatewayAccess,
  createGraphQLClient,
  getResponseData,
  resolveGatewayUrl,
  GATEWAY_URL_HELP,
  GATEWAY_URL_OPTION,
} from '../../graphql/graphql-client.mjs';
import { readRuleDefaults, readRulesOfUser } from '../../graphql/rules-and-alarms.mjs';
import { EXIT_CODES, UsageError } from '../../shared/errors.mjs';
import { createAuthorizer, OPERATOR_ACTOR } from '../../shared/identity.mjs';
import { isTimeZoneName, parseOpeningsCsv } from './parse-openings-csv.mjs';
import { createReplayPace, sendReadings } from './send-readings.mjs';

/** The largest number of readings that the API accepts in a request. */
const MAX_BATCH_SIZE = 1_000;
const MAX_SPEED = 1_000_000;
/** Number of refused readings that are printed. */
const MAX_LISTED_READINGS = 20;
const DEFAULT_ZONE = readRuleDefaults().timeZone;

const usage = `npm run replay -- FILE.csv [--zone Europe/Madrid] [--speed 0] [--user ID] [--batch ${MAX_BATCH_SIZE}] [--url URL]

Records the readings of a CSV file (- reads standard input): an opening and a closing for each row. The first line names
the columns: opening, opened_at, closed_at (empty: still open); optionally place, which is ignored. At the end it prints a
table of the user's alarms by rule and kind. A file can be sent again, for example after an interruption: nothing is
recorded twice.

  --zone ZONE            time zone of times without an offset (${DEFAULT_ZONE})
  --speed N              0: without delays (0); 1: with the original distances; 60: one minute in one second
  --user ID              owner of the openings (operator)
  --batch N              largest number of readings in a request, 1 to ${MAX_BATCH_SIZE} (${MAX_BATCH_SIZE})
${GATEWAY_URL_HELP}

Exit codes: 0 every reading is recorded; 1 a reading was refused; 2 wrong usage, an unreadable file (nothing was sent
then), or the gateway does not answer; 130 interrupted.`;

const options = /** @type {const} */ ({
  zone: { type: 'string', default: DEFAULT_ZONE },
  speed: { type: 'string', default: '0' },
  user: { type: 'string', default: OPERATOR_ACTOR.id },
  batch: { type: 'string', default: String(MAX_BATCH_SIZE) },
  ...GATEWAY_URL_OPTION,
});

/** @param {string[]} args */
export const runReplayCommand = (args) => runTool({ usage, options, positionals: 1, run }, args);

/** @param {import('../../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values, positionals: [file = ''], folder, settings, signal }) {
  if (!isTimeZoneName(values.zone)) {
    throw new UsageError(`--zone must be an IANA time zone name (it is "${values.zone}").`);
  }
  const speed = parseWholeNumber('--speed', values.speed, { min: 0, max: MAX_SPEED });
  const batchSize = parseWholeNumber('--batch', values.batch, { min: 1, max: MAX_BATCH_SIZE });
  const client = createGraphQLClient(resolveGatewayUrl(values.url, settings), {
    authorize: createAuthorizer(settings, OPERATOR_ACTOR),
  });
  const readings = parseOpeningsCsv(await readInputFile(file, folder), values.zone);
  await checkGatewayAccess(client);
  const progress = createProgressDisplay();
  const { accepted, duplicates, refused, consistencyToken } = await sendReadings(client, readings, {
    userId: values.user,
    batchSize,
    pace: createReplayPace(speed),
    signal,
    onProgress: (sent) =>
      progress.update(`${sent} of ${readings.length} readings, up to ${readings[sent - 1]?.at ?? ''}`),
  });
  progress.end();
  console.log(`${accepted} recorded, ${duplicates} already there, ${refused.length} refused.`);
  for (const { index, code, message } of refused.slice(0, MAX_LISTED_READINGS)) {
    const { opening = '', state = '', at = '' } = readings[index] ?? {};
    console.log(`  ${opening} ${state} ${at}: ${code}, ${message}`);
  }
  if (refused.length > MAX_LISTED_READINGS) {
    console.log(`  and ${refused.length - MAX_LISTED_READINGS} more.`);
  }
  signal.throwIfAborted();
  console.log(`\n${await createAlarmTable(client, values.user, consistencyToken)}`);
  return refused.length > 0 ? EXIT_CODES.failure : EXIT_CODES.success;
}

const ALARM_COUNTS = `query ($userId: ID!, $ruleId: ID!) {
  outsideHours: alarms(filter: { userId: $userId, ruleId: $ruleId, kind: OUTSIDE_HOURS, status: [ACTIVE, CLEARED] }) { totalCount }
  openTooLong: alarms(filter: { userId: $userId, ruleId: $ruleId, kind: OPEN_TOO_LONG, status: [ACTIVE, CLEARED] }) { totalCount }
}`;

/** @typedef {{ outsideHours: { totalCount: number } | null, openTooLong: { totalCount: number } | null }} AlarmCounts */

/**
 * Counts the alarms of a user by rule and kind. Retracted alarms do not count.
 *
 * @param {import('../../graphql/graphql-client.mjs').GraphQLClient} client
 * @param {string} userId
 * @param {string | undefined} consistencyToken of the last readings
 * @returns {Promise<string>} a table
 * @throws {import('../../graphql/graphql-client.mjs').GraphQLRequestError}
 */
async function createAlarmTable(client, userId, consistencyToken) {
  const rows = [];
  for (const { id, name, opening } of await readRulesOfUser(client, userId, { consistencyToken })) {
    /** @type {import('../../graphql/graphql-client.mjs').GraphQLResponse<AlarmCounts>} */
    const response = await client.execute(ALARM_COUNTS, { userId, ruleId: id }, consistencyToken);
    const { outsideHours, openTooLong } = getResponseData(response, 'The alarms cannot be read');
    rows.push([
      name,
      opening,
      String(outsideHours?.totalCount ?? '?'),
      String(openTooLong?.totalCount ?? '?'),
    ]);
  }
  if (rows.length === 0) return `The user ${userId} has no rules, so there are no alarms.`;
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return formatTable(
    [
      { title: 'rule' },
      { title: 'opening' },
      { title: 'OUTSIDE_HOURS', align: 'right' },
      { title: 'OPEN_TOO_LONG', align: 'right' },
    ],
    rows,
  );
}
