import { ALARM_KINDS, ALARM_STATUSES, SEVERITIES } from '@seguridad-abc/contracts';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { createProgressDisplay } from '../../command-line/progress.js';
import { writeCsv } from '../../csv/csv-file.js';
import { createOperatorClient } from '../../graphql/gateway-client.js';
import { checkGatewayAccess } from '../../graphql/graphql-client.js';
import { EXIT_CODES } from '../../shared/errors.js';
import {
  createAlarmFilter,
  createRuleFilter,
  exportFilterOptions,
  EXPORTED_LIST_NAMES,
} from './export-filters.js';
import { exportAlarms, exportRules } from './export-rows.js';

const RULES = 'Filters of rules:';
const ALARMS = 'Filters of alarms:';
const BOTH = 'Filters of both lists:';

/** `npm run export`. */
export const createExportCommand = defineCommand({
  command: 'export <list>',
  describe: `Writes a list to standard output as CSV (RFC 4180, UTF-8), newest first.

A cell that a spreadsheet would execute as a formula gets a leading ', which npm run import removes. The columns of rules are those that npm run import reads: opensAt, closesAt and days have the hours of a rule with at most one window; windows has the others.

Exit codes: 0 the list is complete, or its reader has ended; 1 the request was refused; 2 wrong usage, or the gateway does not answer; 130 interrupted.`,
  isReadOnly: true,
  examples: [
    ['npm run -s export -- rules --user ana > rules.csv', 'writes the rules of a user'],
    ['npm run -s export -- alarms --status ACTIVE,CLEARED --kind OPEN_TOO_LONG', ''],
  ],
  builder: (yargs) => {
    const text = (group: string, describe: string) =>
      ({ type: 'string', requiresArg: true, group, describe }) as const;
    return addGatewayUrlOption(
      yargs
        .positional('list', { choices: EXPORTED_LIST_NAMES, demandOption: true, describe: 'What to export' })
        .option('user', text(BOTH, "The owner's id"))
        .option('opening', text(BOTH, 'The name of an opening'))
        .option('enabled', {
          ...text(RULES, 'Only enabled or only disabled rules'),
          choices: ['true', 'false'],
        })
        .option('search', text(RULES, 'Part of the name'))
        .option('rule', text(ALARMS, "The rule's id"))
        .option('kind', text(ALARMS, `One of ${ALARM_KINDS.join(', ')}`))
        .option('severity', text(ALARMS, `A list of ${SEVERITIES.join(',')}`))
        .option('status', text(ALARMS, `A list of ${ALARM_STATUSES.join(',')}`))
        .option('acknowledged', {
          ...text(ALARMS, 'Only acknowledged or only other alarms'),
          choices: ['true', 'false'],
        })
        .option('from', text(ALARMS, 'Raised at or after this time'))
        .option('before', text(ALARMS, 'Raised before this time'))
        .option('no-bom', {
          type: 'boolean',
          default: false,
          describe: 'Omit the byte order mark, by which spreadsheets recognize UTF-8',
        }),
    );
  },
  options: z.object({
    list: z.enum(EXPORTED_LIST_NAMES),
    noBom: z.boolean(),
    ...exportFilterOptions,
    ...gatewayUrlOption,
  }),
  async run({ list: listName, noBom, url, ...filters }, context) {
    const { signal } = context;
    const isAlarms = listName === 'alarms';
    // Wrong filters are reported before the first request.
    const filter = isAlarms ? createAlarmFilter(filters) : createRuleFilter(filters);
    const client = createOperatorClient(url, context);
    await checkGatewayAccess(client);
    const progress = createProgressDisplay(listName);
    const options = {
      signal,
      onProgress: (done: number, total: number) => progress.update(done, total),
    };
    const { columns, rows } = isAlarms
      ? exportAlarms(client, filter, options)
      : exportRules(client, filter, options);
    try {
      await writeCsv(rows, columns, process.stdout, { bom: !noBom });
    } finally {
      progress.end();
    }
    signal.throwIfAborted();
    return EXIT_CODES.success;
  },
});
