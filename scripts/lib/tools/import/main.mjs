import { authorizer } from '../../identity.mjs';
import { EXIT } from '../cli/exit.mjs';
import { createProgress } from '../cli/progress.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { endpoint, OPERATOR, URL_HELP, URL_OPTION } from '../client/endpoint.mjs';
import { assertAnswered } from '../client/assert-answered.mjs';
import { createHttpClient } from '../client/http-client.mjs';
import { readInput } from '../csv/read-file.mjs';
import { importRules } from './import-rules.mjs';
import { readRules } from './read-rules.mjs';
import { count, reportJson, reportText } from './report.mjs';

const usage = `npm run import -- FILE.csv [--user ID] [--effective-from T] [--url URL] [--json]

Creates a rule for each row of a CSV file (-: standard input). Its first line names the columns: name, opening, opensAt,
closesAt, maxOpenSeconds, timeZone; and, if wished, days (with | between), userId, severity, effectiveFrom, enabled. An
empty cell means none, or the default; of days it means no day, so that with hours the opening may never be open. All
seven days are named, or the column is left out. A rule that is there already counts as such if it is what the row says,
so that a file can be imported again.

  --user ID              whose rules they are, where a row does not say it (operator)
  --effective-from T     from when they hold, where a row does not say it, such as 2026-01-31T08:00:00-05:00
${URL_HELP}
  --json                 the report as JSON

Exit codes: 0 every row is there now; 1 a row was refused; 2 wrong usage, a file that cannot be read (nothing was sent
then), or a gateway that does not answer.`;

const options = /** @type {const} */ ({
  user: { type: 'string' },
  'effective-from': { type: 'string' },
  json: { type: 'boolean' },
  ...URL_OPTION,
});

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, positionals: 1, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values, positionals: [file = ''], folder, settings, signal }) {
  const client = createHttpClient(endpoint(values.url, settings), {
    authorize: authorizer(settings, OPERATOR),
  });
  const rows = readRules(await readInput(file, folder), {
    userId: values.user ?? OPERATOR.id,
    effectiveFrom: values['effective-from'],
  });
  // Before the first row, which would be sent again and again.
  await assertAnswered(client);
  const progress = createProgress();
  const { imported, cut } = await importRules(client, rows, {
    signal,
    onProgress: (done) => progress.update(`${done} of ${rows.length} rows`),
  });
  progress.end();
  console.log(values.json ? reportJson(imported, rows.length) : reportText(imported, rows.length));
  if (cut) throw cut;
  signal.throwIfAborted();
  return count(imported, rows.length).refused > 0 ? EXIT.wrong : EXIT.well;
}
