import { normalizeInstant } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { createProgressDisplay } from '../../command-line/progress.js';
import { readInputFile } from '../../csv/csv-file.js';
import { isDate } from '../../csv/timestamps.js';
import { OPTIONAL_RULE_COLUMNS, REQUIRED_RULE_COLUMNS } from '../../csv/rule-columns.js';
import { createOperatorClient } from '../../graphql/gateway-client.js';
import { checkGatewayAccess } from '../../graphql/graphql-client.js';
import { EXIT_CODES } from '../../shared/errors.js';
import { getCallerUserId } from '../../shared/identity.js';
import { countRowOutcomes, formatImportReport, formatImportReportAsJson } from './import-report.js';
import { importRules } from './import-rules.js';
import { describeNeverAllowedRows, describeOutdatedZoneRows, parseRulesCsv } from './parse-rules-csv.js';
import { resolveCalendars } from './resolve-calendars.js';

/** `npm run import`. */
export const createImportCommand = defineCommand({
  command: 'import <file>',
  describe: `Creates a rule for each row of a CSV file.

The file is encoded in UTF-8, or in UTF-16 with a byte order mark. Its first line names the columns; they are separated by commas, semicolons or tabs.
  required: ${REQUIRED_RULE_COLUMNS.join(', ')}; and opensAt, closesAt, or windows
  optional: ${OPTIONAL_RULE_COLUMNS.join(', ')}

Hours are in opensAt, closesAt and days, or as a list in windows, such as "MON-FRI 09:00-13:00; SAT 22:00-06:00 open by 23:00". "never" is a list without windows. Windows are separated by ; or a line end. activeWindows has the same form without "open by". calendar is the name of a calendar of the user.

An empty cell means no value, or the default. Days are separated by | or a comma. An empty cell of days means no day: with hours, the opening must then never be open. For all days, name all seven or leave the column out. A rule that exists and equals its row is not an error, so a file can be imported again.

Exit codes: 0 every rule exists now; 1 a row was refused; 2 wrong usage, an unreadable file (nothing was sent then), or the gateway does not answer; 130 interrupted.`,
  isReadOnly: false,
  examples: [
    ['npm run import -- examples/rules.csv --user ana', 'imports the rules of a user'],
    ['npm run -s import -- - --json < examples/rules.csv', 'reads standard input, reports as JSON'],
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
        .option('user', {
          type: 'string',
          requiresArg: true,
          describe:
            'Owner of the rules whose row has no userId. Default: operator, or the user of AUTH_TOKEN',
        })
        .option('effective-from', {
          type: 'string',
          requiresArg: true,
          describe:
            'Start of the rules whose row has no effectiveFrom: a time such as 2026-01-31T08:00:00-05:00, or a date, which ' +
            "starts at midnight in the row's time zone. Default: now",
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print the report as JSON' }),
    ),
  options: z.object({
    file: z.string(),
    user: z.string().optional(),
    effectiveFrom: z
      .string()
      .refine(
        (text) => isDate(text) || normalizeInstant(text) !== undefined,
        'must be an RFC 3339 date-time with an offset, such as 2026-01-31T08:00:00-05:00, or a date, such as 2026-01-31',
      )
      .optional(),
    json: z.boolean(),
    ...gatewayUrlOption,
  }),
  async run({ file, user, effectiveFrom, json, url }, context) {
    const { folder, settings, signal, print, warn } = context;
    const userId = user ?? getCallerUserId(settings.identity);
    const client = createOperatorClient(url, context);
    const parsedRows = parseRulesCsv(await readInputFile(file, folder), {
      userId,
      ...(effectiveFrom !== undefined && { effectiveFrom }),
    });
    await checkGatewayAccess(client);
    const rows = await resolveCalendars(client, parsedRows, signal);
    for (const note of [...describeNeverAllowedRows(rows), ...describeOutdatedZoneRows(rows)]) warn(note);
    const progress = createProgressDisplay('rows');
    const { imported, interruption } = await importRules(client, rows, {
      signal,
      onProgress: (done) => progress.update(done, rows.length),
    });
    progress.end();
    // A user who names no owner learns which one the rules have.
    const isOwnerAssumed = user === undefined && rows.every(({ input }) => input.userId === userId);
    print(
      json
        ? formatImportReportAsJson(imported, rows.length)
        : formatImportReport(imported, rows.length, isOwnerAssumed ? userId : undefined),
    );
    if (interruption) throw interruption;
    signal.throwIfAborted();
    return countRowOutcomes(imported, rows.length).refused > 0 ? EXIT_CODES.failure : EXIT_CODES.success;
  },
});
