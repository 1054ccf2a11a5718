import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import {
  drawQueryPlan,
  explainOperation,
  formatQueryPlan,
  type ExplainOperationOptions,
  type OperationExplanation,
  type RejectedRequest,
} from '@seguridad-abc/executor';
import { z } from 'zod';
import type { CommandContext } from '../command-line/command-host.js';
import { defineCommand } from '../command-line/define-command.js';
import { EXIT_CODES, getErrorMessage, UsageError, UserFacingError } from '../shared/errors.js';

const FORMATS = ['text', 'json', 'mermaid'] as const;
const STANDARD_INPUT = '-';

/** The options of {@link createPlanCommand}. */
export const PLAN_OPTIONS = z.object({
  supergraph: z.string().min(1),
  operation: z.string().min(1),
  operationName: z.string().optional(),
  variables: z
    .string()
    .transform((json, context): Record<string, unknown> => {
      const result = variablesSchema.safeParse(parseJson(json));
      if (result.success) return result.data;
      context.addIssue('must be a JSON object such as {"first": 10}');
      return z.NEVER;
    })
    .optional(),
  format: z.enum(FORMATS).default('text'),
});

const variablesSchema = z.record(z.string(), z.unknown());

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** `npm run plan`. */
export const createPlanCommand = defineCommand({
  command: 'plan <supergraph> <operation>',
  describe: `Prints the query plan of an operation on a supergraph, and its estimated cost. It asks no subgraph, and nothing needs to run.

<supergraph> is a file with the composed supergraph. <operation> is a file, "-" for standard input, or the text of the operation.

Exit codes: 0 success; 1 the supergraph or the operation is invalid, or the operation has no plan; 2 wrong usage, or a file cannot be read.`,
  isReadOnly: true,
  examples: [
    ["npm run -s plan -- supergraph.graphql '{ services { name status } }'", ''],
    ['npm run -s plan -- supergraph.graphql operation.graphql --variables \'{"first": 10}\'', ''],
    [
      'npm run -s plan -- supergraph.graphql - --format mermaid < operation.graphql',
      'draws it as a flowchart',
    ],
  ],
  builder: (yargs) =>
    yargs
      .positional('supergraph', { type: 'string', demandOption: true, describe: 'File of the supergraph' })
      .positional('operation', {
        type: 'string',
        demandOption: true,
        describe: 'File or text of the operation',
      })
      .option('operation-name', {
        type: 'string',
        requiresArg: true,
        describe: 'Selects one of several operations',
      })
      .option('variables', { type: 'string', requiresArg: true, describe: 'The variables, as a JSON object' })
      .option('format', { choices: FORMATS, requiresArg: true, default: 'text', describe: 'Of the plan' }),
  options: PLAN_OPTIONS,
  async run({ supergraph, operation, operationName, variables, format }, context) {
    const supergraphSdl = await readInputFile(supergraph, context);
    const query = await readOperation(operation, context);
    const explanation = await explain({ supergraphSdl, query, operationName, variables }, context);
    if ('errors' in explanation) {
      for (const error of explanation.errors) context.warn(error.toString());
      return EXIT_CODES.failure;
    }
    context.print(FORMATTERS[format](explanation));
    return EXIT_CODES.success;
  },
});

const FORMATTERS: Readonly<Record<(typeof FORMATS)[number], (explanation: OperationExplanation) => string>> =
  {
    text: ({ queryPlan, cost }) => `${formatQueryPlan(queryPlan)}\n\nEstimated cost: ${cost}`,
    json: (explanation) => JSON.stringify(explanation, null, 2),
    mermaid: ({ queryPlan }) => drawQueryPlan(queryPlan),
  };

/** @throws UserFacingError if the supergraph is invalid */
async function explain(
  options: Omit<ExplainOperationOptions, 'logger'>,
  { warn }: CommandContext,
): Promise<OperationExplanation | RejectedRequest> {
  const ignore = () => undefined;
  const logger = { debug: ignore, info: ignore, warn, error: warn };
  try {
    return await explainOperation({ ...options, logger });
  } catch (error) {
    throw new UserFacingError(`The operation cannot be planned: ${getErrorMessage(error)}`);
  }
}

/** Only a document has braces; a path seldom has. */
const isDocument = (operation: string): boolean => operation.includes('{');

async function readOperation(operation: string, context: CommandContext): Promise<string> {
  if (operation === STANDARD_INPUT) return readText(process.stdin);
  return isDocument(operation) ? operation : readInputFile(operation, context);
}

async function readInputFile(path: string, { folder }: CommandContext): Promise<string> {
  try {
    return await readFile(resolve(folder, path), 'utf8');
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be read: ${getErrorMessage(error)}`);
  }
}
