import { randomUUID } from 'node:crypto';
import type { ExceptionEffect } from '@seguridad-abc/contracts';
import { normalizeInstant } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import type { CommandContext } from '../command-line/command-host.js';
import { defineCommand } from '../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../command-line/gateway-option.js';
import { formatHelpHint } from '../command-line/option-values.js';
import { parsePeriodEnd } from '../command-line/period-end.js';
import { formatTable } from '../command-line/terminal.js';
import { createOperatorClient } from '../graphql/gateway-client.js';
import {
  CancelExceptionDocument,
  CreateExceptionDocument,
  ExceptionsOfUserDocument,
  RulesOfUserDocument,
  type ExceptionColumnsFragment,
} from '../graphql/generated.js';
import {
  checkGatewayAccess,
  getResponseData,
  sendWithRetries,
  type GraphQLClient,
} from '../graphql/graphql-client.js';
import { EXIT_CODES, UsageError } from '../shared/errors.js';
import { getCallerUserId } from '../shared/identity.js';

const ACTIONS = ['allow', 'suspend', 'list', 'cancel'] as const;

/** The server replaces an instant in the past by its present time, so that the clock of this machine does not matter. */
const NOW = '2001-01-01T00:00:00Z';

const isInstant = (text: string | undefined) => normalizeInstant(text ?? '') !== undefined;

const optionsSchema = z.object({
  action: z.enum(ACTIONS),
  id: z.string().optional(),
  user: z.string().optional(),
  opening: z.string().optional(),
  all: z.boolean(),
  from: z
    .string()
    .refine(isInstant, 'must be a time with an offset, such as 2026-01-31T20:00:00-05:00')
    .default(NOW),
  until: z
    .string()
    .refine(
      (text) => isInstant(parsePeriodEnd(text, 0)),
      'must be a time with an offset, such as 2026-01-31T23:00:00-05:00, or a duration from now, such as 90m, 2h or 3d',
    )
    .optional(),
  reason: z.string().optional(),
  ...gatewayUrlOption,
});
type ExceptionOptions = z.output<typeof optionsSchema>;

/** `npm run exception`. */
export const createExceptionCommand = defineCommand({
  command: 'exception <action> [id]',
  describe: `Creates, lists or cancels exceptions: periods in which openings of a user may be open, or in which their alarms are suspended.

allow lets openings be open. suspend lets no alarm become due; what is still so at the end is an alarm then. list shows the exceptions that have not ended. cancel ends one now. The past never changes.

Exit codes: 0 success; 1 the request was refused; 2 wrong usage, or the gateway does not answer; 130 interrupted.`,
  isReadOnly: false,
  examples: [
    ['npm run exception -- allow --user ana --opening "Back door" --until 3h --reason "stock-taking"', ''],
    ['npm run exception -- suspend --user ana --all --until 90m --reason "the installer is testing"', ''],
    ['npm run exception -- list --user ana', ''],
    ['npm run exception -- cancel 7c1b0d0e-4d0c-4f0a-9d8e-0a6f3c1d2b3a', ''],
  ],
  builder: (yargs) => {
    const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
    return addGatewayUrlOption(
      yargs
        .positional('action', { choices: ACTIONS, demandOption: true, describe: 'What to do' })
        .positional('id', { type: 'string', describe: 'cancel: the id of the exception' })
        .option('user', text('Owner of the openings. Default: operator, or the user of AUTH_TOKEN'))
        .option('opening', text('The name of the opening'))
        .option('all', {
          type: 'boolean',
          default: false,
          describe: 'All openings of the user, also new ones',
        })
        .option('from', text('When it begins: a time such as 2026-01-31T20:00:00-05:00. Default: now'))
        .option('until', text('When it ends: a time, or a duration from now: 90m, 2h, 3d'))
        .option('reason', text('Why; everybody who may see the openings can read it')),
    );
  },
  options: optionsSchema,
  async run(options, context) {
    checkOptions(options);
    const { settings, signal, print } = context;
    const client = createOperatorClient(options.url, context);
    await checkGatewayAccess(client);
    const userId = options.user ?? getCallerUserId(settings.identity);
    if (options.action === 'list') {
      print(await describeExceptions(client, userId, context));
      return EXIT_CODES.success;
    }
    const clientMutationId = `exception-${randomUUID()}`;
    if (options.action === 'cancel') {
      const input = { clientMutationId, id: options.id ?? '' };
      const response = await sendWithRetries(
        () => client.execute(CancelExceptionDocument, { input }),
        signal,
      );
      const { cancelException } = getResponseData(response, 'The exception cannot be cancelled');
      const { id, until, cancelledAt } = cancelException.exception;
      print(
        cancelledAt === null
          ? `The exception ${id} had ended at ${until}.`
          : `The exception ${id} ended at ${cancelledAt}.`,
      );
      return EXIT_CODES.success;
    }
    const effect: ExceptionEffect = options.action === 'allow' ? 'ALLOW' : 'SUSPEND';
    const { opening, from, reason = '' } = options;
    const until = parsePeriodEnd(options.until, Date.now()) ?? '';
    const input = {
      clientMutationId,
      userId,
      openings: opening === undefined ? null : [opening],
      effect,
      from,
      until,
      reason,
    };
    const response = await sendWithRetries(() => client.execute(CreateExceptionDocument, { input }), signal);
    const { createException } = getResponseData(response, 'The exception cannot be created');
    print(formatExceptions([createException.exception]));
    if (opening !== undefined && !(await isNamedByRules(client, userId, opening))) {
      context.warn(
        `No rule of ${userId} names the opening "${opening}": the exception has no effect until one does. Correct the name if it is wrong, and cancel this exception.`,
      );
    }
    return EXIT_CODES.success;
  },
});

/** @throws UsageError if an option is missing, or does not belong to the action */
function checkOptions(options: ExceptionOptions): void {
  const { action, id, opening, all, from, until, reason } = options;
  const fail = (problem: string) => new UsageError(`${problem}. ${formatHelpHint('exception')}`);
  const isCreating = action === 'allow' || action === 'suspend';
  if ((id !== undefined) !== (action === 'cancel')) {
    throw fail(action === 'cancel' ? 'exception cancel needs an id' : `exception ${action} takes no id`);
  }
  if (
    !isCreating &&
    (opening !== undefined || all || from !== NOW || until !== undefined || reason !== undefined)
  ) {
    throw fail(`--opening, --all, --from, --until and --reason do not apply to exception ${action}`);
  }
  if (isCreating && (opening !== undefined) === all) {
    throw fail(`exception ${action} needs --opening or --all, and not both`);
  }
  if (isCreating && (until === undefined || reason === undefined)) {
    throw fail(`exception ${action} needs --until and --reason`);
  }
}

/** True also if the rules cannot be read: the exception is created. */
async function isNamedByRules(client: GraphQLClient, userId: string, opening: string): Promise<boolean> {
  const variables = { userId, filter: { opening }, first: 1 };
  const { data, errors } = await client.execute(RulesOfUserDocument, variables);
  return errors !== undefined || (data?.user?.rules?.nodes.length ?? 0) > 0;
}

async function describeExceptions(
  client: GraphQLClient,
  userId: string,
  { signal }: CommandContext,
): Promise<string> {
  const response = await sendWithRetries(() => client.execute(ExceptionsOfUserDocument, { userId }), signal);
  const { user } = getResponseData(response, `The exceptions of ${userId} cannot be read`);
  const exceptions = (user?.exceptions ?? []).filter(
    ({ until, cancelledAt }) => cancelledAt === null && Date.parse(until) > Date.now(),
  );
  return exceptions.length === 0 ? `${userId} has no exception.` : formatExceptions(exceptions);
}

/** One line per exception. */
const formatExceptions = (exceptions: readonly ExceptionColumnsFragment[]): string =>
  formatTable(
    ['id', 'effect', 'openings', 'from', 'until', 'by', 'reason'].map((title) => ({ title })),
    exceptions.map(({ id, effect, openings, from, until, createdBy, reason }) => [
      ...[id, effect, openings?.join(', ') ?? 'all'],
      ...[from, until, createdBy, reason],
    ]),
  );
