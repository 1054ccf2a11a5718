import { runTool } from '../../cli/run-tool.mjs';
import { createProgressDisplay } from '../../cli/terminal.mjs';
import { readInputFile } from '../../csv/csv-file.mjs';
import { OPTIONAL_RULE_COLUMNS, REQUIRED_RULE_COLUMNS } from '../../csv/rule-columns.mjs';
import {
  checkGatewayAccess,
  createGraphQLClient,
  resolveGatewayUrl,
  GATEWAY_URL_HELP,
  GATEWAY_URL_OPTION,
} from '../../graphql/graphql-client.mjs';
import { EXIT_CODES } from '../../shared/errors.mjs';
import { createAuthorizer, OPERATOR_ACTOR } from '../../shared/identity.mjs';
import { countRowOutcomes, formatImportReport, formatImportReportAsJson } from './import-report.mjs';
import { importRules } from './import-rules.mjs';
import { parseRulesCsv } from './parse-rules-csv.mjs';

const usage = `npm run import -- FILE.csv [--user ID] [--effective-from T] [--url URL] [--json]

Creates a rule for each row of a CSV file (- reads standard input).

The first line names the columns:
  required: ${REQUIRED_RULE_COLUMNS.join(', ')}
  optional: ${OPTIONAL_RULE_COLUMNS.join(', ')}

An empty cell means no value, or the default. Days are separated by |. An empty cell of days means no day: with hours, the
opening must then never be open. For all days, name all seven or leave the column out. A rule that exists and equals its row
is not an error, so a file can be imported again.

  --user ID              owner of the rules whose row has no userId (operator)
  --effective-from T     start of the rules whose row has no effectiveFrom, such as 2026-01-31T08:00:00-05:00
${GATEWAY_URL_HELP}
  --json                 print the report as JSON

Exit codes: 0 every rule exists now; 1 a row was refused; 2 wrong usage, an unreadable file (nothing was sent then), or the
gateway does not answer; 130 interrupted.`;

const options = /** @type {const} */ ({
  user: { type: 'string' },
  'effective-from': { type: 'string' },
  json: { type: 'boolean' },
  ...GATEWAY_URL_OPTION,
});

/** @param {string[]} args */
export const runImportCommand = (args) => runTool({ usage, options, positionals: 1, run }, args);

/** @param {import('../../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values, positionals: [file = ''], folder, settings, signal }) {
  const client = createGraphQLClient(resolveGatewayUrl(values.url, settings), {
    authorize: createAuthorizer(settings, OPERATOR_ACTOR),
  });
  const rows = parseRulesCsv(await readInputFile(file, folder), {
    userId: values.user ?? OPERATOR_ACTOR.id,
    effectiveFrom: values['effective-from'],
  });
  await checkGatewayAccess(client);
  const progress = createProgressDisplay();
  const { imported, interruption } = await importRules(client, rows, {
    signal,
    onProgress: (done) => progress.update(`${done} of ${rows.length} rows`),
  });
  progress.end();
  const formatReport = values.json ? formatImportReportAsJson : formatImportReport;
  console.log(formatReport(imported, rows.length));
  if (interruption) throw interruption;
  signal.throwIfAborted();
  return countRowOutcomes(imported, rows.length).refused > 0 ? EXIT_CODES.failure : EXIT_CODES.success;
}
