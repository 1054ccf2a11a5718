import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { CommandContext } from '../command-line/command-host.js';
import { defineCommand } from '../command-line/define-command.js';
import { EXIT_CODES, UsageError } from '../shared/errors.js';
import { createMonitoringClient } from './audit/monitoring-client.js';

/** The response of monitoring's `POST /users/erasure`. `erased` is false if nothing is stored of the user. */
const erasureSchema = z.object({
  erased: z.boolean(),
  pseudonym: z.string().nullable(),
  isComplete: z.boolean(),
});

/** `npm run user-data`. */
export const createUserDataCommand = defineCommand({
  command: 'user-data <action> <user>',
  describe: `Exports or erases everything that this installation stores of a user.

export writes rules, openings, readings, intervals, alarms and the entries of the audit trail to standard output, as JSON lines. erase removes them from the databases, the event log, Redis and the audit trail, whose hashes still verify. It cannot be undone. It asks for the user's id again, unless --yes is given. An erasure continues after a restart. Monitoring must run.

Exit codes: 0 success; 1 the request was refused, or not confirmed; 2 wrong usage, or monitoring does not answer; 3 erase: nothing is stored of this user.`,
  isReadOnly: false,
  examples: [
    ['npm run -s user-data -- export ana > ana.jsonl', ''],
    ['npm run user-data -- erase ana', ''],
  ],
  builder: (yargs) =>
    yargs
      .positional('action', { choices: ['export', 'erase'], demandOption: true, describe: 'What to do' })
      .positional('user', { type: 'string', demandOption: true, describe: "The user's id" })
      .option('yes', { type: 'boolean', default: false, describe: 'Erases without asking' }),
  options: z.object({ action: z.enum(['export', 'erase']), user: z.string().min(1), yes: z.boolean() }),
  async run({ action, user, yes }, context) {
    if (action === 'export') return exportUser(user, context);
    if (!yes && !(await confirmUser(user, context))) {
      context.warn('Nothing is erased: the ids differ.');
      return EXIT_CODES.failure;
    }
    const client = await createMonitoringClient(context);
    const response = await client.send('/users/erasure', {}, { user });
    const { erased, pseudonym, isComplete } = erasureSchema.parse(await response.json());
    if (!erased || pseudonym === null) {
      context.warn(`Nothing is stored of ${user}, so nothing was erased: check the id.`);
      return EXIT_CODES.nothingFound;
    }
    context.print(
      isComplete
        ? `The data of ${user} is erased. The audit trail names the user ${pseudonym}.`
        : `The erasure of ${user} continues in the background. The audit trail names the user ${pseudonym}; completeErasure records its end.`,
    );
    return EXIT_CODES.success;
  },
});

async function exportUser(user: string, context: CommandContext): Promise<number> {
  const client = await createMonitoringClient(context);
  const { body } = await client.send('/users/data', { user });
  if (body) await pipeline(Readable.fromWeb(body), process.stdout, { end: false });
  return EXIT_CODES.success;
}

/** @throws UsageError if nobody can answer */
async function confirmUser(user: string, { signal }: CommandContext): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError('There is no terminal to confirm the erasure: repeat the command with --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const question = `This erases all data of ${user} and cannot be undone. Type the user's id to confirm: `;
    return (await terminal.question(question, { signal })).trim() === user;
  } finally {
    terminal.close();
  }
}
