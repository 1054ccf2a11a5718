import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AuditEntry } from '@seguridad-abc/contracts';
import {
  createAuditVerifier,
  formatAuditAnchor,
  parseAuditAnchor,
  type AuditAnchor,
} from '@seguridad-abc/platform/installation';
import { z } from 'zod';
import type { CommandContext } from '../../command-line/command-host.js';
import { defineCommand } from '../../command-line/define-command.js';
import { writeCsv } from '../../csv/csv-file.js';
import { EXIT_CODES, UsageError } from '../../shared/errors.js';
import { AUDIT_COLUMNS, readTrail, readTrailFile, toAuditRow, type TrailEnd } from './audit-entries.js';
import { createMonitoringClient } from './monitoring-client.js';

/** Problems of a damaged trail that are printed. */
const MAX_PRINTED_PROBLEMS = 20;

const optionsSchema = z.object({
  action: z.enum(['export', 'verify']),
  format: z.enum(['csv', 'jsonl']).default('jsonl'),
  actor: z.string().optional(),
  user: z.string().optional(),
  command: z.string().optional(),
  outcome: z.string().optional(),
  from: z.string().optional(),
  until: z.string().optional(),
  file: z.string().optional(),
  anchor: z.string().optional(),
});
type AuditOptions = z.output<typeof optionsSchema>;

/** `npm run audit`. */
export const createAuditCommand = defineCommand({
  command: 'audit <action>',
  describe: `Exports or verifies the audit trail of this installation.

export writes the entries to standard output, oldest first: all fields as JSON lines, which verify reads with --file, or a table as CSV. verify checks every hash of the trail, and prints its anchor: the number and the hash of the last entry. Keep it elsewhere. With --anchor, verify also checks that this entry is still there and has this hash. Monitoring must run, except for verify --file.

Exit codes: 0 success; 1 the trail was changed, or the request was refused; 2 wrong usage, or monitoring does not answer.`,
  isReadOnly: true,
  examples: [
    ['npm run -s audit -- export > audit.jsonl', 'writes the whole trail'],
    ['npm run -s audit -- export --format csv --user ana --outcome FORBIDDEN', ''],
    ['npm run audit -- verify', ''],
    ['npm run audit -- verify --file audit.jsonl', 'verifies an exported trail'],
  ],
  builder: (yargs) => {
    const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
    return yargs
      .positional('action', { choices: ['export', 'verify'], demandOption: true, describe: 'What to do' })
      .option('format', { ...text('Of the export'), choices: ['csv', 'jsonl'], default: 'jsonl' })
      .option('actor', text('Only entries of this caller'))
      .option('user', text('Only entries that concern this user'))
      .option('command', text('Only entries of this command, such as createRule'))
      .option('outcome', text('Only entries with this outcome: ACCEPTED, UNCHANGED or the code of an error'))
      .option('from', text('Only entries at or after this time'))
      .option('until', text('Only entries before this time'))
      .option('file', text('Verifies a file that export has written as JSON lines'))
      .option('anchor', text('The line that an earlier verify has printed: NUMBER:HASH'));
  },
  options: optionsSchema,
  run: (options, context) =>
    options.action === 'export' ? exportTrail(options, context) : verifyTrail(options, context),
});

async function exportTrail(options: AuditOptions, context: CommandContext): Promise<number> {
  const { format, actor, user, command, outcome } = options;
  const filter = {
    actor,
    user,
    action: command,
    outcome,
    from: parseTime('from', options.from),
    until: parseTime('until', options.until),
  };
  const entries = readTrail(await createMonitoringClient(context), filter, { head: 0 });
  if (format === 'csv') await writeCsv(toRows(entries), AUDIT_COLUMNS, process.stdout, { bom: false });
  else await pipeline(Readable.from(toLines(entries)), process.stdout, { end: false });
  return EXIT_CODES.success;
}

async function* toRows(entries: AsyncIterable<AuditEntry>) {
  for await (const entry of entries) yield toAuditRow(entry);
}

async function* toLines(entries: AsyncIterable<AuditEntry>) {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

async function verifyTrail({ file, anchor: text }: AuditOptions, context: CommandContext): Promise<number> {
  const anchor = parseAnchor(text);
  const end: TrailEnd = { head: 0 };
  const entries =
    file === undefined
      ? readTrail(await createMonitoringClient(context), {}, end)
      : readTrailFile(resolve(context.folder, file));
  const verifier = createAuditVerifier();
  const problems: string[] = [];
  // The anchor of an empty trail names no entry.
  let hasAnchor = anchor === undefined || anchor.sequence === 0;
  for await (const entry of entries) {
    for (const { sequence, problem } of verifier.verify(entry))
      problems.push(`Entry ${sequence}: ${problem}`);
    if (entry.sequence === anchor?.sequence) hasAnchor = entry.hash === anchor.hash;
  }
  const { head, start } = verifier;
  for (const { problem } of verifier.verifyStart()) problems.push(problem);
  if (anchor?.sequence === start.sequence) hasAnchor = anchor.hash === start.hash;
  const isAnchorPruned = anchor !== undefined && anchor.sequence > 0 && anchor.sequence < start.sequence;
  if (end.head > head.sequence)
    problems.push(`The entries ${head.sequence + 1} to ${end.head} at the end are missing.`);
  if (isAnchorPruned)
    problems.push(
      `The entry of the anchor was pruned. Use an anchor of entry ${start.sequence} or of a later one.`,
    );
  else if (!hasAnchor) problems.push('The entry of the anchor is missing, or has another hash.');
  if (problems.length === 0) {
    context.print(`The audit trail is unchanged: ${head.sequence - start.sequence} entries.`);
    if (start.sequence > 0)
      context.print(
        `The entries 1 to ${start.sequence} were pruned because of their age (AUDIT_RETENTION_DAYS).`,
      );
    context.print(`Anchor: ${formatAuditAnchor(head)}`);
    return EXIT_CODES.success;
  }
  context.warn(problems.slice(0, MAX_PRINTED_PROBLEMS).join('\n'));
  context.warn(`The audit trail was changed: ${problems.length} problems. See docs/audit.md.`);
  return EXIT_CODES.failure;
}

/** @throws UsageError if the text is no time */
function parseTime(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UsageError(`--${option} must be a time such as 2026-01-31T08:00:00-05:00 (it is "${text}").`);
  return new Date(time).toISOString();
}

/** @throws UsageError if the text is no anchor */
function parseAnchor(text: string | undefined): AuditAnchor | undefined {
  if (text === undefined) return undefined;
  const anchor = parseAuditAnchor(text);
  if (!anchor)
    throw new UsageError(`--anchor must be a number and a hash, as verify prints them (it is "${text}").`);
  return anchor;
}
