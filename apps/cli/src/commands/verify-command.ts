import { join } from 'node:path';
import { getLocalHostAndPort } from '@seguridad-abc/platform/installation';
import { execa } from 'execa';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { PROJECT_FOLDER } from '../shared/bootstrap.js';
import { EXIT_CODES } from '../shared/errors.js';
import { getInstallationHeaders } from '../shared/identity.js';

/** `npm run verify`. */
export const createVerifyCommand = defineCommand({
  command: 'verify',
  describe: `Proves that the read model of reports equals the event log of monitoring, while both are live.

It projects the whole log once more into a temporary database in the data folder, compares hashes of ranges of rows, and lists the rows that differ. --repair writes the rows as the log gives them. Each instance of reports has its own read model: the command compares the one in DATA_DIR. Monitoring must run; reports may run.

Exit codes: 0 equal; 1 rows differ, or did before --repair; 2 wrong usage, or monitoring does not answer.`,
  isReadOnly: false,
  examples: [
    ['npm run verify', ''],
    ['npm run verify -- --repair', ''],
  ],
  builder: (yargs) =>
    yargs.option('repair', { type: 'boolean', default: false, describe: 'Repairs the rows that differ' }),
  options: z.object({ repair: z.boolean() }),
  async run({ repair }, { settings, env, signal }) {
    const { host, dataDir, ports } = settings;
    const origin = `http://${getLocalHostAndPort(host, ports.MONITORING_PORT)}`;
    const configuredUrls = env['MONITORING_URL']?.trim() ?? '';
    const request = {
      dataDir,
      monitoringUrls: configuredUrls === '' ? [origin] : configuredUrls.split(',').map((url) => url.trim()),
      headers: getInstallationHeaders(settings),
      isRepairing: repair,
    };
    // The program belongs to reports: it projects the log with the code of the service.
    const program = join(PROJECT_FOLDER, 'apps/reports/dist/verification/main.js');
    const { exitCode } = await execa(process.execPath, [program], {
      // Arguments would show the secret to other users of the machine.
      input: JSON.stringify(request),
      stdout: 'inherit',
      stderr: 'inherit',
      reject: false,
      cancelSignal: signal,
    });
    return exitCode ?? EXIT_CODES.interrupted;
  },
});
