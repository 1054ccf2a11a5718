import { authorizer } from '../../identity.mjs';
import { EXIT, UsageError } from '../cli/exit.mjs';
import { createProgress } from '../cli/progress.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { assertAnswered } from '../client/assert-answered.mjs';
import { endpoint, OPERATOR, URL_HELP, URL_OPTION } from '../client/endpoint.mjs';
import { createHttpClient } from '../client/http-client.mjs';
import { writeCsv } from '../csv/write-csv.mjs';
import { LISTED } from './columns.mjs';
import { FILTER_OPTIONS, readFilter } from './filters.mjs';
import { rowsOf } from './rows.mjs';

const usage = `npm run -s export -- alarms|rules [filters] [--no-bom] [--url URL] > FILE.csv

Writes a list as CSV to standard output, newest first, as spreadsheets open it: RFC 4180, UTF-8, and a ' before what they
would take for a formula. Rules have the columns that npm run import takes.

  --user ID, --opening NAME                        of both
  --enabled true|false, --search TEXT              of rules
  --rule ID, --kind OUTSIDE_HOURS|OPEN_TOO_LONG, --severity INFO,WARNING,CRITICAL, --status ACTIVE,CLEARED,RETRACTED,
  --acknowledged true|false, --from T, --before T  of alarms, the last two by when they were raised
  --no-bom               without the mark at the beginning that tells spreadsheets that it is UTF-8
${URL_HELP}

Exit codes: 0 all is written; 1 refused; 2 wrong usage, or a gateway that does not answer; 130 interrupted.`;

const options = /** @type {const} */ ({ 'no-bom': { type: 'boolean' }, ...FILTER_OPTIONS, ...URL_OPTION });

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, positionals: 1, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values, positionals: [what], settings, signal }) {
  if (what !== 'alarms' && what !== 'rules') {
    throw new UsageError(`What is exported is alarms or rules, not "${what ?? ''}": see --help.`);
  }
  const filter = readFilter(what, values);
  const client = createHttpClient(endpoint(values.url, settings), {
    authorize: authorizer(settings, OPERATOR),
  });
  await assertAnswered(client);
  const progress = createProgress();
  const listed = LISTED[what];
  const rows = rowsOf(client, listed, filter, {
    signal,
    onProgress: (done, total) => progress.update(`${done} of ${total} ${what}`),
  });
  await writeCsv(rows, Object.keys(listed.columns), process.stdout, { bom: !values['no-bom'] });
  progress.end();
  signal.throwIfAborted();
  return EXIT.well;
}
