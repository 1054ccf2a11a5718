import { runConcurrently } from '../../command-line/run-concurrently.js';
import {
  DeleteRuleDocument,
  ReadRuleDocument,
  type CreateRuleInput,
  type CreateRuleMutation,
} from '../../graphql/generated.js';
import {
  GraphQLRequestError,
  parseGraphQLResponse,
  sendWithRetries,
  type GraphQLClient,
  type GraphQLResponse,
  type GraphQLResponseError,
  type RawResponse,
} from '../../graphql/graphql-client.js';
import { readRulesOfUser } from '../../graphql/read-rules.js';
import { UnreachableError } from '../../shared/errors.js';
import { VALID_CREATE_RULE_PROBE_NAME, type ExpectedResponse, type Probe } from './probe-kinds.js';

export interface ProbeResult {
  /** Name of the probe's kind, or {@link READABLE_IN_REPORTS_RESULT_NAME}. */
  readonly kind: string;
  /** Response time. */
  readonly ms: number;
  /** A short description, if the response is wrong. */
  readonly problem: string | undefined;
}

export interface ProbeRound {
  /** One per probe, and one per created rule for its way to reports. */
  readonly results: readonly ProbeResult[];
  /** Ids of the rules that exist now. */
  readonly createdIds: readonly string[];
  /** Whether there may be more rules, because a response was lost. */
  readonly mayHaveMore: boolean;
}

type CreatedRule = CreateRuleMutation['createRule']['rule'];
/** A server that does not work correctly may return anything. */
type ProbeResponse = GraphQLResponse<{
  readonly createRule?: { readonly rule?: CreatedRule | null } | null;
}>;

/** Kind of the results that measure how long a created rule takes to be readable in reports. */
export const READABLE_IN_REPORTS_RESULT_NAME = 'readable in reports';

/** A rule that reports does not have after this time counts as lost. */
const READABLE_TIMEOUT_MS = 10_000;
const DELETE_CONCURRENCY = 16;

export interface ProbeRoundOptions {
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Sends probes and checks the responses. */
export async function runProbeRound(
  client: GraphQLClient,
  probes: readonly Probe[],
  { concurrency, signal, onProgress }: ProbeRoundOptions,
): Promise<ProbeRound> {
  const results: ProbeResult[] = [];
  const createdIds: string[] = [];
  let mayHaveMore = false;
  let done = 0;
  await runConcurrently(probes, { concurrency, signal }, async ({ kind, input }) => {
    const sentAt = performance.now();
    try {
      const response = await client.send(kind.createRequest(input, client.documentFormat));
      const ms = performance.now() - sentAt;
      const { rule, problem } = checkProbeResponse(kind.expected, response, input);
      results.push({ kind: kind.name, ms, problem });
      if (rule?.id) createdIds.push(rule.id);
      if (rule?.id && kind.name === VALID_CREATE_RULE_PROBE_NAME) {
        results.push({
          kind: READABLE_IN_REPORTS_RESULT_NAME,
          ...(await measureReadable(client, rule.id)),
        });
      }
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      mayHaveMore = true;
      results.push({ kind: kind.name, ms: performance.now() - sentAt, problem: error.message });
    }
    onProgress?.(++done);
  });
  return { results, createdIds, mayHaveMore };
}

/** Measures how long a rule takes to be readable in reports. */
async function measureReadable(
  client: GraphQLClient,
  id: string,
): Promise<Pick<ProbeResult, 'ms' | 'problem'>> {
  const startedAt = performance.now();
  try {
    for (;;) {
      const { data, errors } = await client.execute(ReadRuleDocument, { id });
      const ms = performance.now() - startedAt;
      if (data?.rule?.id === id) return { ms, problem: undefined };
      if (ms < READABLE_TIMEOUT_MS) continue;
      const code = errors?.[0]?.extensions?.code;
      const reason = code === undefined ? '' : ` (${code})`;
      return { ms, problem: `not readable after ${READABLE_TIMEOUT_MS / 1_000} s${reason}` };
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return { ms: performance.now() - startedAt, problem: error.message };
  }
}

export interface CheckedResponse {
  /** Also set if no rule was expected. */
  readonly rule: CreatedRule | undefined;
  readonly problem: string | undefined;
}

/**
 * Compares a response with the expected one.
 * @param input that was sent
 */
export function checkProbeResponse(
  expected: ExpectedResponse,
  { status, text }: RawResponse,
  input: Pick<CreateRuleInput, 'name'>,
): CheckedResponse {
  const response: ProbeResponse | undefined = parseGraphQLResponse(text);
  if (!response) return { rule: undefined, problem: `status ${status} without a GraphQL response` };
  const rule = response.data?.createRule?.rule ?? undefined;
  const problems = [
    ...compare('status', status, expected.status),
    ...(expected.code === undefined
      ? findRuleProblems(response, rule, input)
      : findErrorProblems(response, rule, expected)),
  ];
  return { rule, problem: problems.length > 0 ? problems.join(', ') : undefined };
}

function findRuleProblems(
  { errors = [] }: ProbeResponse,
  rule: CreatedRule | undefined,
  input: Pick<CreateRuleInput, 'name'>,
): string[] {
  if (!rule) return [`no rule${formatCodes(errors)}`];
  return [
    ...(errors.length > 0 ? [`a rule with errors${formatCodes(errors)}`] : []),
    ...(rule.id ? [] : ['a rule without id']),
    ...compare('name', rule.name, input.name),
    ...compare('version', rule.version, 1),
  ];
}

function findErrorProblems(
  { errors = [] }: ProbeResponse,
  rule: CreatedRule | undefined,
  { code, codeIfUnlisted, path }: ExpectedResponse,
): string[] {
  const actualCode = errors[0]?.extensions?.code;
  return [
    ...(rule ? ['a rule was created'] : []),
    ...compare('errors', errors.length, 1),
    ...(actualCode !== undefined && actualCode === codeIfUnlisted ? [] : compare('code', actualCode, code)),
    ...compare('path', errors[0]?.path?.join('.'), path?.join('.')),
  ];
}

const compare = (name: string, actual: unknown, expected: unknown): string[] =>
  actual === expected ? [] : [`${name} ${String(actual)} instead of ${String(expected)}`];

const formatCodes = (errors: readonly GraphQLResponseError[]) =>
  errors.length > 0 ? ` (${errors.map(({ extensions }) => extensions?.code ?? 'no code').join(', ')})` : '';

/**
 * Deletes the rules of a round.
 * @returns a description of the rules that could not be deleted
 */
export async function deleteProbeRules(
  client: GraphQLClient,
  userId: string,
  { createdIds, mayHaveMore }: Pick<ProbeRound, 'createdIds' | 'mayHaveMore'>,
): Promise<string | undefined> {
  const remaining = new Set(createdIds);
  // An interrupted command still deletes its rules; a second Ctrl-C ends the process.
  const { signal } = new AbortController();
  const deleteRules = (ids: readonly string[]) =>
    runConcurrently(ids, { concurrency: DELETE_CONCURRENCY }, async (id) => {
      const { errors } = await sendWithRetries(() => client.execute(DeleteRuleDocument, { id }), signal);
      // A rule whose first deletion had no response is not found the second time.
      if (!errors || errors[0]?.extensions?.code === 'NOT_FOUND') remaining.delete(id);
    });
  try {
    await deleteRules(createdIds);
    if (mayHaveMore) {
      const rules = await readRulesOfUser(client, userId);
      const otherIds = rules.map(({ id }) => id).filter((id) => !createdIds.includes(id));
      for (const id of otherIds) remaining.add(id);
      await deleteRules(otherIds);
    }
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof GraphQLRequestError)) throw error;
    if (remaining.size === 0) return `possibly rules of the user ${userId} (${error.message})`;
  }
  return remaining.size > 0 ? `${remaining.size} rules of the user ${userId}` : undefined;
}
