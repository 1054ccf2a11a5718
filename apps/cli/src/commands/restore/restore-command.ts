import { resolve } from 'node:path';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { EXIT_CODES } from '../../shared/errors.js';
import { assertSqlite } from '../backup/postgres-refusal.js';
import { prepareWithMonitoring } from './prepare-with-monitoring.js';
import { restoreBackup } from './restore-backup.js';

/** `npm run restore`. */
export const createRestoreCommand = defineCommand({
  command: 'restore <folder>',
  describe: `Restores a backup into the data folder of this installation, whose services must be stopped.

It checks every hash of the backup before it changes anything. The event log starts a new epoch: at their next start, the relay replaces the Redis Stream, and reports keeps its read model or builds it again. Users whose erasure the replaced databases know are erased again. --to-position restores the state at an earlier position of the log; monitoring then evaluates the restored intervals again.

Exit codes: 0 success; 1 the backup is damaged, a service runs, or the data folder has databases; 2 wrong usage.`,
  isReadOnly: false,
  examples: [
    ['npm run restore -- /backups/2026-11-29', 'into an empty data folder'],
    [
      'npm run restore -- /backups/2026-11-29 --replace',
      'keeps the present databases in a folder beside them',
    ],
    ['npm run restore -- /backups/2026-11-29 --to-position 4711', ''],
  ],
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', demandOption: true, describe: 'The folder of the backup' })
      .option('replace', {
        type: 'boolean',
        default: false,
        describe: 'Moves present databases into the folder replaced-TIME of the data folder',
      })
      .option('to-position', {
        type: 'number',
        requiresArg: true,
        describe: 'The last position of the event log to restore; the default is that of the backup',
      })
      .option('new-secret', {
        type: 'boolean',
        default: false,
        describe: 'Accepts another installation secret: the keys of all devices become invalid',
      }),
  options: z.object({
    folder: z.string().min(1),
    replace: z.boolean(),
    toPosition: z.int().nonnegative().optional(),
    newSecret: z.boolean(),
  }),
  async run({ folder, replace, toPosition, newSecret }, context) {
    const { settings, folder: callerFolder, print, warn } = context;
    assertSqlite(settings);
    const report = await restoreBackup({
      settings,
      folder: resolve(callerFolder, folder),
      isReplacing: replace,
      toPosition,
      acceptsNewSecret: newSecret,
      prepare: prepareWithMonitoring,
      now: () => new Date(),
    });
    print(`The backup of ${report.createdAt} is restored up to log position ${report.position}.`);
    if (report.replacedFolder !== undefined) print(`The databases before are in ${report.replacedFolder}.`);
    if (report.repeatedErasures > 0)
      print(`${report.repeatedErasures} users are erased again when monitoring starts.`);
    if (!report.areErasuresKnown)
      warn(
        `Users that were erased after ${report.createdAt} may have data again, because no earlier database could be read: repeat these erasures with npm run user-data -- erase.`,
      );
    print('Start the services with npm start. Subscribers receive CURSOR_TOO_OLD and subscribe again.');
    return EXIT_CODES.success;
  },
});
