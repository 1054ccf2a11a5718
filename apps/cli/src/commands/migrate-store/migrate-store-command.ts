import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { EXIT_CODES, UsageError, UserFacingError } from '../../shared/errors.js';
import { copyDatabase, type CopiedService, type CopyResult } from './copy-database.js';

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
    const services = findServices(settings.dataDir, finish);
    if (services.length === 0)
      throw new UserFacingError(
        `${settings.dataDir} has no SQLite database to copy: it was moved already, or DATA_DIR must be set to another folder.`,
      );
    const request = { folder: settings.dataDir, databaseUrl, isFinishing: finish };
    for (const service of services) {
      const result = await copyDatabase(service, request, ({ table, rows, copiedRows }) => {
        if (rows > 0) print(`${service} ${table}: ${rows} rows, ${copiedRows} copied`);
      });
      print(result ? describe(service, result) : `The database of ${service} was moved already.`);
    }
    print(
      finish
        ? 'Set DATABASE_URL and INSTALLATION_SECRET, and start the services.'
        : 'What changes from now on is copied by the next call. Stop monitoring and heartbeat, and repeat the command with --finish.',
    );
    return EXIT_CODES.success;
  },
});

/** Monitoring first: if its copy cannot be completed, heartbeat keeps its file too. */
const COPIED_SERVICES: readonly CopiedService[] = ['monitoring', 'heartbeat'];

/**
 * The services that have a SQLite database in a data folder. Those of the services may be different folders. The last call gives a file
 * another name before its copy is complete; if it was interrupted then, it is repeated with that file.
 */
const findServices = (folder: string, isFinishing: boolean): readonly CopiedService[] =>
  COPIED_SERVICES.filter(
    (service) =>
      existsSync(join(folder, `${service}.sqlite`)) ||
      (isFinishing && existsSync(join(folder, `${service}.migrated.sqlite`))),
  );

function describe(
  service: CopiedService,
  { rows, tables, copiedRows, position, isComplete }: CopyResult,
): string {
  if (!isComplete) return `${copiedRows} rows of ${service} are copied.`;
  const log = position === undefined ? '' : `, and the event log up to position ${position}`;
  return `PostgreSQL has all ${rows} rows of ${tables} tables of ${service}${log}. The SQLite file is now ${service}.migrated.sqlite.`;
}
