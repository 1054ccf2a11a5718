import {
  deadLetterDropSchema,
  deadLetterPageSchema,
  deadLetterRetrySchema,
  type DeadLetter,
} from '@seguridad-abc/contracts';
import { z } from 'zod';
import type { CommandContext } from '../command-line/command-host.js';
import { defineCommand } from '../command-line/define-command.js';
import { formatHelpHint } from '../command-line/option-values.js';
import { formatTable } from '../command-line/terminal.js';
import { escapeControlCharactersInLines } from '../shared/control-characters.js';
import { EXIT_CODES, UsageError } from '../shared/errors.js';
import { REPORTS_INSTANCE_OPTION, reportsInstanceValue } from '../shared/reports-instance.js';
import { createServiceClient, type ServiceClient } from '../shared/service-client.js';

const HELP_HINT = formatHelpHint('dead-letters');
const PAGE_ENTRIES = 100;
/** In one request. */
const MAX_POSITIONS = 500;
const COLUMNS = [
  { title: 'position', align: 'right' as const },
  { title: 'event' },
  { title: 'set aside' },
  { title: 'attempts', align: 'right' as const },
  { title: 'cause' },
];

/** `npm run dead-letters`. */
export const createDeadLettersCommand = defineCommand({
  command: 'dead-letters [action] [positions]',
  describe: `Lists the log entries that reports has set aside, and tries or drops them.

Reports sets an entry aside if it cannot read it, or if its projection fails again and again. The entries after it are projected. list prints them with their causes, show prints entries as JSON lines, retry tries them again (without positions: all), and drop deletes them: they will not be in the read model, unless it is built again. Each instance of reports has its own read model and sets entries aside by itself: the command addresses the instance of this installation, or --instance. Reports must run.

Exit codes: 0 success, also if there are none; 1 a retry failed, or the request was refused; 2 wrong usage, or reports does not answer; 3 show or drop: no entry with such a position is set aside.`,
  isReadOnly: false,
  examples: [
    ['npm run dead-letters', ''],
    ['npm run -s dead-letters -- show 17', ''],
    ['npm run dead-letters -- retry', 'after an update of reports'],
    ['npm run dead-letters -- drop 17,18', ''],
    ['npm run dead-letters -- retry --instance http://reports-2:4002', 'of another instance'],
  ],
  builder: (yargs) =>
    yargs
      .positional('action', {
        choices: ['list', 'show', 'retry', 'drop'],
        default: 'list',
        describe: 'What to do',
      })
      .positional('positions', {
        type: 'string',
        describe: 'Log positions of entries, with commas between them',
      })
      .option('instance', REPORTS_INSTANCE_OPTION),
  options: z.object({
    action: z.enum(['list', 'show', 'retry', 'drop']),
    positions: z
      .string()
      .regex(/^[1-9]\d{0,14}(,[1-9]\d{0,14})*$/, 'must be log positions, such as 17 or 17,18')
      .transform((text) => text.split(','))
      .refine(({ length }) => length <= MAX_POSITIONS, `must be at most ${MAX_POSITIONS} log positions`)
      .optional(),
    instance: reportsInstanceValue,
  }),
  async run({ action, positions = [], instance }, context) {
    if (action === 'list' && positions.length > 0)
      throw new UsageError(`The action list takes no positions: use show. ${HELP_HINT}`);
    if ((action === 'show' || action === 'drop') && positions.length === 0)
      throw new UsageError(`The action ${action} needs the positions of entries. ${HELP_HINT}`);
    const client = await createServiceClient('reports', context, instance);
    switch (action) {
      case 'list':
        return listDeadLetters(client, context);
      case 'show':
        return showDeadLetters(client, positions.map(Number), context);
      case 'retry':
        return retryDeadLetters(client, positions, context);
      case 'drop':
        return dropDeadLetters(client, positions, context);
    }
  },
});

async function* readDeadLetters(client: ServiceClient): AsyncGenerator<DeadLetter> {
  for (let after = 0; ;) {
    const response = await client.send('/dead-letters', {
      after: String(after),
      limit: String(PAGE_ENTRIES),
    });
    const { deadLetters } = deadLetterPageSchema.parse(await response.json());
    yield* deadLetters;
    const last = deadLetters.at(-1);
    if (!last) return;
    after = last.entry.position;
  }
}

async function listDeadLetters(client: ServiceClient, { print }: CommandContext): Promise<number> {
  const rows: string[][] = [];
  for await (const { entry, setAsideAt, attempts, cause } of readDeadLetters(client))
    rows.push([
      String(entry.position),
      `${entry.type} v${entry.version}`,
      setAsideAt ?? '-',
      String(attempts),
      cause,
    ]);
  print(rows.length === 0 ? 'No log entry is set aside.' : formatTable(COLUMNS, rows));
  return EXIT_CODES.success;
}

async function showDeadLetters(
  client: ServiceClient,
  positions: readonly number[],
  { print, warn }: CommandContext,
): Promise<number> {
  const missing = new Set(positions);
  for await (const deadLetter of readDeadLetters(client)) {
    if (missing.delete(deadLetter.entry.position))
      print(escapeControlCharactersInLines(JSON.stringify(deadLetter)));
    if (missing.size === 0) return EXIT_CODES.success;
  }
  warn(`No log entry is set aside at position ${[...missing].join(', ')}.`);
  return EXIT_CODES.nothingFound;
}

async function retryDeadLetters(
  client: ServiceClient,
  positions: readonly string[],
  { print }: CommandContext,
): Promise<number> {
  const selection: Record<string, string> = positions.length > 0 ? { positions: positions.join(',') } : {};
  const response = await client.send('/dead-letters/retry', selection, undefined, 'PUT');
  const { applied, failed } = deadLetterRetrySchema.parse(await response.json());
  print(`${applied} applied, ${failed} still set aside.`);
  return failed === 0 ? EXIT_CODES.success : EXIT_CODES.failure;
}

async function dropDeadLetters(
  client: ServiceClient,
  positions: readonly string[],
  { print, warn }: CommandContext,
): Promise<number> {
  const response = await client.send(
    '/dead-letters',
    { positions: positions.join(',') },
    undefined,
    'DELETE',
  );
  const { dropped } = deadLetterDropSchema.parse(await response.json());
  if (dropped === 0) {
    warn('No log entry is set aside at these positions.');
    return EXIT_CODES.nothingFound;
  }
  print(`${dropped} dropped.`);
  return EXIT_CODES.success;
}
