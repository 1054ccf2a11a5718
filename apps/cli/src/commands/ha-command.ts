import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { SERVICES } from '../shared/installation-settings.js';
import { startTopology } from '../start/topology/start-topology.js';
import { MAX_INSTANCES } from '../start/topology/topology-ports.js';

const instanceCountOption = z
  .string()
  .regex(/^[1-9]$/, `must be a whole number from 1 to ${MAX_INSTANCES}`)
  .transform(Number);

/** `npm run ha`. */
export const createHaCommand = defineCommand({
  command: 'ha',
  describe: `Runs the scaled-out topology as processes on this machine, until Ctrl-C.

PostgreSQL with a streaming replica, a Redis master with a replica and three Sentinels, two processes of each service, and haproxy in front of the gateways. Each has its own folder in DATA_DIR/ha. The balancer listens on the port of the gateway, 4000 by default, and all others on ports at a fixed distance from it: instance 2 of reports has 4032. A process that ends is restarted. It needs PostgreSQL 15 or newer, Redis or Valkey, and haproxy, and installs none of them.

It shows what each failure does. It is no way to run a company on one machine: see docs/deployment.md.

Exit codes: 0 stopped; 1 the start failed; 2 wrong usage; 130 interrupted before everything was ready.`,
  isReadOnly: false,
  // The second Ctrl-C kills the programs.
  handlesInterrupts: true,
  examples: [
    ['npm run ha', ''],
    ['npm run ha -- --monitoring 4', 'runs four processes of monitoring'],
    ['npm run ha -- --replication async', 'commits do not wait for the replica of PostgreSQL'],
  ],
  builder: (yargs) =>
    SERVICES.reduce(
      (described, { name }) =>
        described.option(name, {
          describe: `Processes of ${name}, 1 to ${MAX_INSTANCES}`,
          type: 'string',
          default: '2',
        }),
      yargs,
    ).option('replication', {
      describe: 'sync: a commit waits until the replica of PostgreSQL has it; async: it does not',
      choices: ['sync', 'async'],
      default: 'sync',
    }),
  options: z.object({
    monitoring: instanceCountOption,
    reports: instanceCountOption,
    heartbeat: instanceCountOption,
    gateway: instanceCountOption,
    replication: z.enum(['sync', 'async']),
  }),
  run: ({ replication, ...counts }) => startTopology({ counts, isSynchronous: replication === 'sync' }),
});
