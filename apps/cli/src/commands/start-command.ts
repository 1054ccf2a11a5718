import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { startInstallation } from '../start/installation/start-installation.js';

/** `npm start`. */
export const createStartCommand = defineCommand({
  command: 'start',
  describe: `Installs, builds and runs everything, until Ctrl-C.

It installs the packages and builds the apps where they have changed, finds or starts a Redis, creates the databases, and runs the services. A service that ends is restarted.

Exit codes: 0 stopped; 1 the start failed; 2 wrong usage; 130 interrupted before everything was ready.`,
  isReadOnly: false,
  // The second Ctrl-C kills the programs.
  handlesInterrupts: true,
  examples: [['npm start', '']],
  builder: (yargs) => yargs,
  options: z.object({}),
  run: () => startInstallation(),
});
