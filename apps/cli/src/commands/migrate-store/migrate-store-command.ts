import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { EXIT_CODES, UsageError } from '../../shared/errors.js';
import { copyWithMonitoring } from './copy-with-monitoring.js';

/** `npm run migrate-store`. */
export const createMigrateStoreCommand = defineCommand({
  command: 'migrate-store',
  describe: `Copies the database of monitoring from SQLite to an empty PostgreSQL database.

Run it while the services work: it copies everything. If it is interrupted, the next call continues. A further call copies what has changed since. Then stop monitoring and repeat the command with --finish: it copies the rest, compares every row of both databases, and renames the SQLite file to monitoring.migrated.sqlite. Start monitoring with DATABASE_URL afterwards. The event log continues with the same id and positions, so reports and subscribers go on.

Exit codes: 0 success; 1 the databases cannot be used, monitoring runs, or the target is not empty; 2 wrong usage.`,
  isReadOnly: false,
  examples: [
    ['npm run migrate-store -- --to postgresql://seguridad@db.internal/seguridad', 'while monitoring works'],
    [
      'npm run migrate-store -- --to postgresql://seguridad@db.internal/seguridad --finish',
      'when it is stopped',
    ],
  ],
  builder: (yargs) =>
    yargs
      .option('to', {
        type: 'string',
        requiresArg: true,
        describe: 'The URL of the PostgreSQL database; by default DATABASE_URL, which no process list shows',
      })
      .option('finish', {
        type: 'boolean',
        default: false,
        describe: 'Copies the rest and compares everything; monitoring must be stopped',
      }),
  options: z.object({ to: z.string().optional(), finish: z.boolean() }),
  async run({ to, finish }, { settings, print }) {
    const databaseUrl = to ?? settings.databaseUrl;
    if (databaseUrl === undefined)
      throw new UsageError('Name the PostgreSQL database: --to postgresql://user:password@host:5432/name.');
    const request = { folder: settings.dataDir, databaseUrl, isFinishing: finish };
    const result = await copyWithMonitoring(request, ({ table, rows, copiedRows }) => {
      if (rows > 0) print(`${table}: ${rows} rows, ${copiedRows} copied`);
    });
    if (result.isComplete) {
      print(
        `PostgreSQL has all ${result.rows} rows of ${result.tables} tables, and the event log up to position ${result.position}. The SQLite file is now monitoring.migrated.sqlite.`,
      );
      print('Set DATABASE_URL and INSTALLATION_SECRET, and start monitoring.');
    } else {
      print(`${result.copiedRows} rows are copied. What changes from now on is copied by the next call.`);
      print('Stop monitoring, and repeat the command with --finish.');
    }
    return EXIT_CODES.success;
  },
});
