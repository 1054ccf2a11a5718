import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { getUrlHost, isLoopbackHost } from '@seguridad-abc/platform/installation';
import type { DocumentNode } from 'graphql';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { wholeNumberOption } from '../../command-line/option-values.js';
import { createProgressDisplay } from '../../command-line/progress.js';
import { runConcurrently } from '../../command-line/run-concurrently.js';
import { createOperatorClient, resolveGatewayUrl } from '../../graphql/gateway-client.js';
import {
  CreateRuleDocument,
  DeleteRuleDocument,
  RecordReadingsDocument,
  RulesOfUserDocument,
  UpdateRuleDocument,
} from '../../graphql/generated.js';
import {
  checkGatewayAccess,
  getDocumentId,
  getDocumentText,
  getResponseData,
  type GraphQLClient,
} from '../../graphql/graphql-client.js';
import { EXIT_CODES, getErrorMessage, UsageError } from '../../shared/errors.js';
import { createAuthorizer, OPERATOR_ACTOR } from '../../shared/identity.js';
import { createSeededRandom } from '../../shared/seeded-random.js';
import { formatLoadSummary, summarizeLoad } from './load-report.js';
import { parseRequestMix, scheduleRequests, type RequestKind } from './request-schedule.js';
import { sendLoad } from './send-load.js';

const MAX_RATE = 10_000;
const MAX_SECONDS = 3_600;
const MAX_CONNECTIONS = 1_024;
const REQUEST_TIMEOUT_MS = 15_000;
/** Commands change one of these rules, readings are of one of their openings. */
const RULE_COUNT = 20;
const RULES_PER_PAGE = 10;
const CLEANUP_CONCURRENCY = 8;
/** Seconds. Longer than a load, so that its readings raise no alarm. */
const MIN_TIMER_SECONDS = 86_400;

/** `npm run load`. */
export const createLoadCommand = defineCommand({
  command: 'load',
  describe: `Sends requests to the gateway at a fixed rate and prints their latencies.

The load is open: a request is sent when it is due, whether earlier ones have been answered or not. Latency counts from the instant at which a request was due, so the time in which a slow server holds up later requests is included (no coordinated omission). Queries read ten rules, commands change a rule, and readings open or close an opening. All are of a new user (load-...), whose rules are deleted at the end. Its readings stay: npm run user-data -- erase removes them.

Exit codes: 0 every request succeeded; 1 some failed; 2 wrong usage, or the gateway does not answer; 130 interrupted (the table has the requests until then).`,
  isReadOnly: false,
  examples: [
    ['npm run load -- --rate 200 --seconds 30', ''],
    ['npm run load -- --rate 500 --mix queries=90,readings=10 --output load.json', 'also writes JSON'],
  ],
  builder: (yargs) =>
    addGatewayUrlOption(
      yargs
        .option('rate', {
          type: 'string',
          requiresArg: true,
          default: '100',
          describe: `Requests per second, 1 to ${MAX_RATE}`,
        })
        .option('seconds', {
          type: 'string',
          requiresArg: true,
          default: '10',
          describe: `How long requests are sent, 1 to ${MAX_SECONDS}`,
        })
        .option('mix', {
          type: 'string',
          requiresArg: true,
          default: 'queries=80,commands=10,readings=10',
          describe: 'The shares of queries, commands and readings',
        })
        .option('connections', {
          type: 'string',
          requiresArg: true,
          default: '64',
          describe: `Connections at the same time, 1 to ${MAX_CONNECTIONS}. A request waits while all are in use`,
        })
        .option('output', {
          type: 'string',
          requiresArg: true,
          describe: 'Also writes the figures to this file, as JSON',
        })
        .option('allow-remote', {
          type: 'boolean',
          default: false,
          describe: 'Allow a gateway on another machine. Without it, only loopback addresses get a load',
        }),
    ),
  options: z.object({
    rate: wholeNumberOption({ min: 1, max: MAX_RATE }),
    seconds: wholeNumberOption({ min: 1, max: MAX_SECONDS }),
    mix: z.string().transform((text, context) => {
      const mix = parseRequestMix(text);
      if (mix) return mix;
      context.addIssue('must be like queries=80,commands=10,readings=10');
      return z.NEVER;
    }),
    connections: wholeNumberOption({ min: 1, max: MAX_CONNECTIONS }),
    output: z.string().optional(),
    allowRemote: z.boolean(),
    ...gatewayUrlOption,
  }),
  async run({ rate, seconds, mix, connections, output, allowRemote, url }, context) {
    const { folder, settings, signal, print, warn } = context;
    const gatewayUrl = resolveGatewayUrl(url, settings);
    if (!allowRemote && !isLoopbackHost(getUrlHost(gatewayUrl))) {
      throw new UsageError(
        `${gatewayUrl.host} is not a loopback address: add --allow-remote if its owner agrees to the load.`,
      );
    }
    const client = createOperatorClient(url, context);
    await checkGatewayAccess(client);
    const userId = `load-${randomBytes(4).toString('hex')}`;
    const random = createSeededRandom(1);
    const requests = scheduleRequests(rate, seconds, mix, random);
    print(`${client.url.href}, user ${userId}, ${rate} requests per second for ${seconds} s`);
    const ruleIds = await createRules(client, userId);
    const progress = createProgressDisplay('requests');
    try {
      const results = await sendLoad(requests, {
        url: client.url,
        headers: await createAuthorizer(settings, OPERATOR_ACTOR)(),
        createBody: createBodyFactory(client, userId, ruleIds),
        connections,
        timeoutMs: REQUEST_TIMEOUT_MS,
        signal,
        onProgress: (done) => progress.update(done, requests.length),
      });
      progress.end();
      const summary = summarizeLoad(results);
      print(formatLoadSummary(summary));
      if (output !== undefined) {
        const figures = { url: client.url.href, rate, seconds, mix, connections, ...summary };
        await writeFile(resolve(folder, output), `${JSON.stringify(figures, undefined, 2)}\n`);
      }
      signal.throwIfAborted();
      return summary.errors.length > 0 ? EXIT_CODES.failure : EXIT_CODES.success;
    } finally {
      progress.end();
      await deleteRules(client, ruleIds).catch((error: unknown) => {
        warn(`The rules of ${userId} are not deleted: ${getErrorMessage(error)}`);
      });
    }
  },
});

const getOpening = (index: number) => `Load ${index % RULE_COUNT}`;

async function createRules(client: GraphQLClient, userId: string): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < RULE_COUNT; index += 1) {
    const opening = getOpening(index);
    const input = { userId, name: opening, opening, maxOpenSeconds: MIN_TIMER_SECONDS };
    const response = await client.execute(CreateRuleDocument, { input });
    ids.push(getResponseData(response, 'The rules of the load cannot be created').createRule.rule.id);
  }
  return ids;
}

async function deleteRules(client: GraphQLClient, ids: readonly string[]): Promise<void> {
  // Also after Ctrl-C.
  const { signal } = new AbortController();
  await runConcurrently(ids, { concurrency: CLEANUP_CONCURRENCY, signal }, async (id) => {
    getResponseData(await client.execute(DeleteRuleDocument, { id }), `The rule ${id} cannot be deleted`);
  });
}

/** Creates the bodies of requests. Each differs from the one before, so that no cache answers it. */
function createBodyFactory(
  client: GraphQLClient,
  userId: string,
  ruleIds: readonly string[],
): (kind: RequestKind) => string {
  let count = 0;
  const format = (document: DocumentNode, variables: object) =>
    JSON.stringify({
      ...(client.documentFormat === 'id'
        ? { documentId: getDocumentId(document) }
        : { query: getDocumentText(document) }),
      variables,
    });
  const create: Readonly<Record<RequestKind, (index: number) => string>> = {
    queries: (index) =>
      format(RulesOfUserDocument, {
        userId,
        first: RULES_PER_PAGE,
        filter: index % 2 === 0 ? null : { opening: getOpening(index) },
      }),
    commands: (index) =>
      format(UpdateRuleDocument, {
        input: { id: ruleIds[index % ruleIds.length], maxOpenSeconds: MIN_TIMER_SECONDS + (index % 1_000) },
      }),
    readings: (index) =>
      format(RecordReadingsDocument, {
        input: {
          userId,
          readings: [
            {
              id: `${userId} ${index}`,
              opening: getOpening(index),
              state: Math.floor(index / RULE_COUNT) % 2 === 0 ? 'OPEN' : 'CLOSED',
              at: new Date().toISOString(),
            },
          ],
        },
      }),
  };
  return (kind) => create[kind](count++);
}
