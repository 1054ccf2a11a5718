import { resolve } from 'node:path';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { EXIT_CODES } from '../../shared/errors.js';
import { assertSqlite } from './postgres-refusal.js';
import { readCliVersion } from '../../shared/cli-version.js';
import { createBackup } from './create-backup.js';

/** `npm run backup`. */
export const createBackupCommand = defineCommand({
  command: 'backup <folder>',
  describe: `Backs up the databases of this installation into a new folder, while its services run.

The backup is one consistent state: rules, readings, alarms, devices, the event log, the audit trail, the read model and the history of health. Only its owner can read it. It does not contain the installation secret and the key that signs tokens, unless --with-secrets is given: without the secret, a restored installation refuses the signatures of its devices. The manifest has the log position and a hash of each file. Redis is not part of a backup.

Exit codes: 0 success; 1 the folder exists, or a database is damaged; 2 wrong usage.`,
  isReadOnly: false,
  examples: [
    ['npm run backup -- /backups/2026-11-29', ''],
    ['npm run backup -- /backups/2026-11-29 --with-secrets', 'also copies the secrets in the data folder'],
  ],
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', demandOption: true, describe: 'The folder to create' })
      .option('with-secrets', {
        type: 'boolean',
        default: false,
        describe: 'Also copies the installation secret and the key that signs tokens',
      }),
  options: z.object({ folder: z.string().min(1), withSecrets: z.boolean() }),
  async run({ folder, withSecrets }, { folder: callerFolder, settings, print }) {
    assertSqlite(settings);
    const target = resolve(callerFolder, folder);
    const version = readCliVersion();
    const manifest = await createBackup({
      settings,
      folder: target,
      withSecrets,
      version,
      now: () => new Date(),
    });
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    print(`The backup ${target} is complete: ${manifest.files.length} files, ${bytes} bytes.`);
    print(`Log position: ${manifest.log.position}. Audit anchor: ${manifest.auditAnchor}`);
    if (!withSecrets)
      print(
        'It does not contain the installation secret: keep a copy of it elsewhere, because the keys of devices depend on it.',
      );
    return EXIT_CODES.success;
  },
});
