import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { EXIT_CODES, UsageError } from '../../shared/errors.js';
import { copyDatabase } from './copy-database.js';
import { migrateDatabases } from './migrate-databases.js';

/** `npm run migrate-store`. */
export const createMigrateStoreCommand = defineCommand({
  command: 'migrate-store',
  describe: `Copies the databases of monitoring and heartbeat from SQLite to an empty PostgreSQL database.

Run it while the services work: it copies everything that DATA_DIR has, monitoring.sqlite and heartbeat.sqlite. If it is interrupted, the next call continues. A further call copies what has changed since. Then stop monitoring and heartbeat, and repeat the command with --finish: it copies the rest, compares every row of both databases, and renames the SQLite files to monitoring.migrated.sqlite and heartbeat.migrated.sqlite. Start the services with DATABASE_URL afterwards. The event log continues with the same id and positions, so reports and subscribers go on.

If the services have different data folders, run the command once for each of the two, with its DATA_DIR.

Exit codes: 0 success; 1 the databases cannot be used, a service runs, or the target is not empty; 2 wrong usage.`,
  isReadOnly: false,
  examples: [
    ['npm run migrate-store -- --to postgresql://seguridad@db.internal/seguridad', 'while the services work'],
    [
      'npm run migrate-store -- --to postgresql://seguridad@db.internal/seguridad --finish',
      'when monitoring and heartbeat are stopped',
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
        describe: 'Copies the rest and compares everything; monitoring and heartbeat must be stopped',
      }),
  options: z.object({ to: z.string().optional(), finish: z.boolean() }),
  async run({ to, finish }, { settings, print }) {
    const databaseUrl = to ?? settings.databaseUrl;
    if (databaseUrl === undefined)
      throw new UsageError('Name the PostgreSQL database: --to postgresql://user:password@host:5432/name.');
    const request = { folder: settings.dataDir, databaseUrl, isFinishing: finish };
    await migrateDatabases(request, { copy: copyDatabase, print });
    print(
      finish
        ? 'Set DATABASE_URL and INSTALLATION_SECRET, and start the services.'
        : 'What changes from now on is copied by the next call. Stop monitoring and heartbeat, and repeat the command with --finish.',
    );
    return EXIT_CODES.success;
  },
});
