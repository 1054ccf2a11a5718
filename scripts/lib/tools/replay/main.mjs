import { EXIT, UsageError } from '../cli/exit.mjs';
import { createProgress } from '../cli/progress.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { parseWholeNumber } from '../cli/whole-number.mjs';
import { assertAnswered } from '../client/assert-answered.mjs';
import { endpoint, OPERATOR, URL_HELP, URL_OPTION } from '../client/endpoint.mjs';
import { createHttpClient } from '../client/http-client.mjs';
import { readInput } from '../csv/read-file.mjs';
import { authorizer } from '../../identity.mjs';
import { alarmTable } from './alarm-table.mjs';
import { createPace } from './pace.mjs';
import { readOpenings } from './read-openings.mjs';
import { sendReadings } from './send-readings.mjs';
import { isTimeZone } from './wall-clock.mjs';

const usage = `npm run replay -- FILE.csv [--zone Europe/Madrid] [--speed 0] [--user ID] [--batch 1000] [--url URL]

Records the readings of a CSV file (-: standard input): an opening and a closing for each row. Its first line names the
columns: opening, opened_at, closed_at (empty: still open), and if wished place, which is not used. It ends with a table of
the user's alarms by rule and kind. Sent again, after an interruption or later, it goes on where it was: nothing is recorded
twice.

  --zone ZONE            of the times in the file that have no offset (America/Bogota)
  --speed N              0: as quickly as they are taken (0); 1: as far apart as the closings were; 60: a minute in a
                         second; ...
  --user ID              whose openings they are (operator)
  --batch N              at most so many readings in a request, 1 to 1000 (1000)
${URL_HELP}

Exit codes: 0 every reading is recorded; 1 one was refused; 2 wrong usage, a file that cannot be read (nothing was sent
then), or a gateway that does not answer; 130 interrupted.`;

const options = /** @type {const} */ ({
  zone: { type: 'string', default: 'America/Bogota' },
  speed: { type: 'string', default: '0' },
  user: { type: 'string', default: OPERATOR.id },
  batch: { type: 'string', default: '1000' },
  ...URL_OPTION,
});

const MAX_SPEED = 1_000_000;
/** Of what was refused, so much is shown. */
const MAX_LINES = 20;

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, positionals: 1, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values, positionals: [file = ''], folder, settings, signal }) {
  if (!isTimeZone(values.zone)) throw new UsageError(`--zone must be an IANA name (it is "${values.zone}").`);
  const speed = parseWholeNumber('--speed', values.speed, { min: 0, max: MAX_SPEED });
  const batch = parseWholeNumber('--batch', values.batch, { min: 1, max: 1_000 });
  const client = createHttpClient(endpoint(values.url, settings), {
    authorize: authorizer(settings, OPERATOR),
  });
  const readings = readOpenings(await readInput(file, folder), values.zone);
  await assertAnswered(client);
  const progress = createProgress();
  const { accepted, duplicates, refused, token } = await sendReadings(client, readings, {
    userId: values.user,
    batch,
    pace: createPace(speed),
    signal,
    onProgress: (sent) =>
      progress.update(`${sent} of ${readings.length} readings, up to ${readings[sent - 1]?.at ?? ''}`),
  });
  progress.end();
  console.log(`${accepted} recorded, ${duplicates} there already, ${refused.length} refused.`);
  for (const { index, code, message } of refused.slice(0, MAX_LINES)) {
    const { opening = '', state = '', at = '' } = readings[index] ?? {};
    console.log(`  ${opening} ${state} ${at}: ${code}, ${message}`);
  }
  if (refused.length > MAX_LINES) console.log(`  and ${refused.length - MAX_LINES} more.`);
  signal.throwIfAborted();
  console.log(`\n${await alarmTable(client, values.user, token)}`);
  return refused.length > 0 ? EXIT.wrong : EXIT.well;
}
