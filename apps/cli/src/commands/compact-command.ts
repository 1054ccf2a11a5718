import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { EXIT_CODES, UsageError, UserFacingError } from '../shared/errors.js';
import { askMonitoringLeader } from '../shared/monitoring-leader.js';

/** How often monitoring is asked whether it is done. */
const POLL_INTERVAL_MS = 200;

/** The response of monitoring's `POST /log/compaction` and `GET /log/compaction`. */
const statusSchema = z.object({
  isRunning: z.boolean(),
  result: z
    .object({
      before: z.string(),
      position: z.number(),
      entries: z.number(),
      keptEntries: z.number(),
      readings: z.number(),
      intervals: z.number(),
      alarms: z.number(),
      archive: z.string().nullable(),
      isDryRun: z.boolean(),
    })
    .nullable(),
  error: z.string().nullable(),
});
type CompactionResult = NonNullable<z.infer<typeof statusSchema>['result']>;

/** `npm run compact`. */
export const createCompactCommand = defineCommand({
  command: 'compact',
  describe: `Removes history from before an instant, and compacts the event log, while the services run.

It removes readings, intervals and alarms that ended before the instant, and the entries of the event log from before it. The log keeps a snapshot of the states, so the read model can still be built again. Of the instances that MONITORING_URL names, the leader does it. Monitoring refuses readings from before the instant afterwards. The last 24 hours are always kept. What is removed cannot be brought back, except from a backup. If the command is interrupted, monitoring continues.

Exit codes: 0 success; 1 monitoring refuses it; 2 wrong usage, or monitoring does not answer.`,
  isReadOnly: false,
  examples: [
    ['npm run compact', 'with the horizon of LOG_RETENTION_DAYS'],
    ['npm run compact -- --before 2026-01-01 --dry-run', 'only counts'],
    [
      'npm run compact -- --before 2026-01-01 --archive /srv/archive',
      'writes the removed entries of the log first',
    ],
  ],
  builder: (yargs) =>
    yargs
      .option('before', {
        type: 'string',
        requiresArg: true,
        describe: 'An instant or a day in UTC; by default LOG_RETENTION_DAYS ago',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only count what would be removed' })
      .option('archive', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder for the removed entries of the log; by default LOG_ARCHIVE_FOLDER',
      }),
  options: z.object({ before: z.string().optional(), dryRun: z.boolean(), archive: z.string().optional() }),
  async run({ before, dryRun, archive }, context) {
    const { print, signal } = context;
    const request = {
      ...(before !== undefined && { before: parseHorizon(before) }),
      ...(archive !== undefined && { archiveFolder: resolve(archive) }),
      isDryRun: dryRun,
    };
    const read = async (response: Response) => statusSchema.parse(await response.json());
    const { client, answer } = await askMonitoringLeader(context, async (instance) =>
      read(await instance.send('/log/compaction', {}, request)),
    );
    let status = answer;
    while (status.isRunning) {
      await sleep(POLL_INTERVAL_MS, undefined, { signal });
      status = await read(await client.send('/log/compaction', {}));
    }
    if (!status.result)
      throw new UserFacingError(status.error ?? 'Monitoring was restarted: repeat the command.');
    print(formatResult(status.result));
    return EXIT_CODES.success;
  },
});

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** @throws UsageError if the text is neither a day nor an instant */
export function parseHorizon(text: string): string {
  const ms = DAY.test(text) || INSTANT.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms))
    throw new UsageError(
      `--before must be a day such as 2026-01-31, or an instant such as 2026-01-31T08:00:00Z (it is "${text}").`,
    );
  return new Date(ms).toISOString();
}

function formatResult(result: CompactionResult): string {
  const { before, position, entries, keptEntries, readings, intervals, alarms, archive, isDryRun } = result;
  return [
    `${isDryRun ? 'Would remove' : 'Removed'} the history from before ${before}:`,
    `  ${entries} entries of the event log up to position ${position}; its snapshot has ${keptEntries}`,
    `  ${readings} readings, ${intervals} intervals, ${alarms} alarms`,
    ...(archive === null ? [] : [`The removed entries are in ${archive}.`]),
  ].join('\n');
}
