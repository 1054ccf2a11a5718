import { ALARM_KINDS, ALARM_STATUSES, SEVERITIES } from '@seguridad-abc/contracts';
import { runTool } from '../../cli/run-tool.mjs';
import { createProgressDisplay } from '../../cli/terminal.mjs';
import { writeCsv } from '../../csv/csv-file.mjs';
import {
  checkGatewayAccess,
  createGraphQLClient,
  resolveGatewayUrl,
  GATEWAY_URL_HELP,
  GATEWAY_URL_OPTION,
} from '../../graphql/graphql-client.mjs';
import { EXIT_CODES, UsageError } from '../../shared/errors.mjs';
import { createAuthorizer, OPERATOR_ACTOR } from '../../shared/identity.mjs';
import { createListFilter, EXPORT_FILTER_OPTIONS } from './export-filters.mjs';
import { EXPORTED_LISTS, readExportRows } from './export-rows.mjs';

const usage = `npm run -s export -- alarms|rules [filters] [--no-bom] [--url URL] > FILE.csv

Writes a list to standard output as CSV (RFC 4180, UTF-8), newest first. A cell that a spreadsheet would execute as a
formula gets a leading '. The columns of rules are those that npm run import reads.

Filters of both lists:
  --user ID
  --opening NAME
Filters of rules:
  --enabled true|false
  --search TEXT          part of the name
Filters of alarms:
  --rule ID
  --kind KIND            ${ALARM_KINDS.join(' or ')}
  --severity LIST        of ${SEVERITIES.join(',')}
  --status LIST          of ${ALARM_STATUSES.join(',')}
  --acknowledged true|false
  --from T               raised at or after this time
  --before T             raised before this time
Other options:
  --no-bom               omit the byte order mark, by which spreadsheets recognize UTF-8
${GATEWAY_URL_HELP}

Exit codes: 0 the list is complete; 1 the request was refused; 2 wrong usage, or the gateway does not answer;
130 interrupted.`;

const options = /** @type {const} */ ({
  'no-bom': { type: 'boolean' },
  ...EXPORT_FILTER_OPTIONS,
  ...GATEWAY_URL_OPTION,
});

/** @param {string[]} args */
export const runExportCommand = (args) => runTool({ usage, options, positionals: 1, run }, args);

/** @param {import('../../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values, positionals: [listName], settings, signal }) {
  if (listName !== 'alarms' && listName !== 'rules') {
    throw new UsageError(`The list must be alarms or rules (it is "${listName ?? ''}"). See --help.`);
  }
  const filter = createListFilter(listName, values);
  const client = createGraphQLClient(resolveGatewayUrl(values.url, settings), {
    authorize: createAuthorizer(settings, OPERATOR_ACTOR),
  });
  await checkGatewayAccess(client);
  const progress = createProgressDisplay();
  const list = EXPORTED_LISTS[listName];
  const rows = readExportRows(client, list, filter, {
    signal,
    onProgress: (done, total) => progress.update(`${done} of ${total} ${listName}`),
  });
  await writeCsv(rows, Object.keys(list.columns), process.stdout, { bom: !values['no-bom'] });
  progress.end();
  signal.throwIfAborted();
  return EXIT_CODES.success;
}
