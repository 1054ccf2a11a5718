import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { createProgressDisplay } from '../command-line/progress.js';
import { EXIT_CODES } from '../shared/errors.js';
import { REPORTS_INSTANCE_OPTION, reportsInstanceValue } from '../shared/reports-instance.js';
import { createServiceClient } from '../shared/service-client.js';

/** How often reports is asked how far it is. */
const POLL_INTERVAL_MS = 200;

/** The response of reports' `POST /rebuild` and `GET /rebuild`. */
const rebuildSchema = z.object({
  running: z
    .object({
      reason: z.string(),
      done: z.number(),
      total: z.number().nullable(),
      problem: z.string().nullable(),
    })
    .nullable(),
  completed: z.object({ entries: z.number(), durationMs: z.number() }).nullable(),
});

/** `npm run rebuild`. */
export const createRebuildCommand = defineCommand({
  command: 'rebuild',
  describe: `Builds the read model of reports again from the event log, while it answers queries.

The new read model is built in a file beside the current one, which it then replaces. Queries read the current one until then, and subscribers receive nothing again. Reports does the same by itself when its database is missing, damaged or of another software version. Each instance of reports has its own read model: the command builds that of the instance of this installation, or of --instance. If a rebuild runs already, the command waits for it. Ctrl-C ends the command only: reports continues. Monitoring and reports must run.

Exit codes: 0 the read model was built again; 2 wrong usage, or reports does not answer.`,
  isReadOnly: false,
  examples: [
    ['npm run rebuild', 'waits until it is done'],
    ['npm run rebuild -- --no-wait', 'starts it; npm run status shows how far it is'],
    ['npm run rebuild -- --instance http://reports-2:4002', 'that of another instance'],
  ],
  builder: (yargs) =>
    yargs
      .option('no-wait', { type: 'boolean', default: false, describe: 'Do not wait until it is done' })
      .option('instance', REPORTS_INSTANCE_OPTION),
  options: z.object({ noWait: z.boolean(), instance: reportsInstanceValue }),
  async run({ noWait, instance }, context) {
    const { print, signal } = context;
    const client = await createServiceClient('reports', context, instance);
    const read = async (response: Response) => rebuildSchema.parse(await response.json());
    let status = await read(await client.send('/rebuild', {}, {}));
    if (noWait) {
      print('Reports builds its read model again. npm run status shows how far it is.');
      return EXIT_CODES.success;
    }
    const display = createProgressDisplay('log entries');
    try {
      while (status.running) {
        const { done, total, problem } = status.running;
        display.update(done, total ?? done, problem ?? undefined);
        await sleep(POLL_INTERVAL_MS, undefined, { signal });
        status = await read(await client.send('/rebuild', {}));
      }
    } finally {
      display.end();
    }
    const { entries = 0, durationMs = 0 } = status.completed ?? {};
    print(
      `The read model was built again from ${entries} log entries in ${(durationMs / 1_000).toFixed(1)} s.`,
    );
    return EXIT_CODES.success;
  },
});
