import { runConcurrently } from '../../cli/run-concurrently.mjs';
import { GraphQLRequestError, parseGraphQLResponse, sendWithRetries } from '../../graphql/graphql-client.mjs';
import { readRulesOfUser } from '../../graphql/rules-and-alarms.mjs';
import { UnreachableError } from '../../shared/errors.mjs';
import { DELETE_RULE_MUTATION, VALID_CREATE_RULE_PROBE_NAME } from './probe-kinds.mjs';

/**
 * @typedef {import('../../graphql/graphql-client.mjs').GraphQLClient} GraphQLClient
 *
 * @typedef {object} ProbeResult
 * @property {string} kind name of the probe's kind, or {@link READABLE_IN_REPORTS_RESULT_NAME}
 * @property {number} ms response time
 * @property {string | undefined} problem a short description, if the response is wrong
 *
 * @typedef {object} ProbeRound
 * @property {ProbeResult[]} results one per probe, and one per created rule for its way to reports
 * @property {string[]} createdIds ids of the rules that exist now
 * @property {boolean} mayHaveMore whether there may be more rules, because a response was lost
 *
 * @typedef {{ id: string, name: string, version: number }} CreatedRule
 * @typedef {import('../../graphql/graphql-client.mjs').GraphQLResponse<{ createRule?: { rule?: CreatedRule } | null }>} ProbeResponse
 */

/** Kind of the results that measure how long a created rule takes to be readable in reports. */
export const READABLE_IN_REPORTS_RESULT_NAME = 'readable in reports';

const RULE_BY_ID = 'query ($id: ID!) { rule(id: $id) { id version } }';

/** A rule that reports does not have after this time counts as lost. */
const READABLE_TIMEOUT_MS = 10_000;
const DELETE_CONCURRENCY = 16;

/**
 * Sends probes and checks the responses.
 *
 * @param {GraphQLClient} client
 * @param {readonly import('./probe-kinds.mjs').Probe[]} probes
 * @param {{ concurrency: number, signal: AbortSignal, onProgress?: (done: number) => void }} options
 * @returns {Promise<ProbeRound>}
 */
export async function runProbeRound(client, probes, { concurrency, signal, onProgress }) {
  /** @type {ProbeRound} */
  const round = { results: [], createdIds: [], mayHaveMore: false };
  let done = 0;
  await runConcurrently(probes, { concurrency, signal }, async ({ kind, input }) => {
    const sentAt = performance.now();
    try {
      const response = await client.send(kind.createRequest(input));
      const ms = performance.now() - sentAt;
      const { rule, problem } = checkProbeResponse(kind.expected, response, input);
      round.results.push({ kind: kind.name, ms, problem });
      if (rule?.id) round.createdIds.push(rule.id);
      if (rule?.id && kind.name === VALID_CREATE_RULE_PROBE_NAME) {
        round.results.push({
          kind: READABLE_IN_REPORTS_RESULT_NAME,
          ...(await measureReadable(client, rule.id)),
        });
      }
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      round.mayHaveMore = true;
      round.results.push({ kind: kind.name, ms: performance.now() - sentAt, problem: error.message });
    }
    onProgress?.(++done);
  });
  return round;
}

/**
 * Measures how long a rule takes to be readable in reports.
 *
 * @param {GraphQLClient} client
 * @param {string} id
 * @returns {Promise<{ ms: number, problem: string | undefined }>}
 */
async function measureReadable(client, id) {
  const startedAt = performance.now();
  try {
    for (;;) {
      /** @type {import('../../graphql/graphql-client.mjs').GraphQLResponse<{ rule: { id: string } | null }>} */
      const { data, errors } = await client.execute(RULE_BY_ID, { id });
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

/**
 * Compares a response with the expected one.
 *
 * @param {import('./probe-kinds.mjs').ExpectedResponse} expected
 * @param {import('../../graphql/graphql-client.mjs').RawResponse} response
 * @param {import('./probe-kinds.mjs').RuleInput} input that was sent
 * @returns {{ rule: CreatedRule | undefined, problem: string | undefined }} `rule` is also set if none was expected
 */
export function checkProbeResponse(expected, { status, text }, input) {
  /** @type {ProbeResponse | undefined} */
  const response = parseGraphQLResponse(text);
  if (!response) return { rule: undefined, problem: `status ${status} without a GraphQL response` };
  const rule = response.data?.createRule?.rule;
  const problems = [
    ...compare('status', status, expected.status),
    ...(expected.code === undefined
      ? findRuleProblems(response, rule, input)
      : findErrorProblems(response, rule, expected)),
  ];
  return { rule, problem: problems.length > 0 ? problems.join(', ') : undefined };
}

/** @param {ProbeResponse} response @param {CreatedRule | undefined} rule @param {import('./probe-kinds.mjs').RuleInput} input */
function findRuleProblems({ errors = [] }, rule, input) {
  if (!rule) return [`no rule${formatCodes(errors)}`];
  return [
    ...(errors.length > 0 ? [`a rule with errors${formatCodes(errors)}`] : []),
    ...(rule.id ? [] : ['a rule without id']),
    ...compare('name', rule.name, input['name']),
    ...compare('version', rule.version, 1),
  ];
}

/** @param {ProbeResponse} response @param {CreatedRule | undefined} rule @param {import('./probe-kinds.mjs').ExpectedResponse} expected */
function findErrorProblems({ errors = [] }, rule, { code, path }) {
  return [
    ...(rule ? ['a rule was created'] : []),
    ...compare('errors', errors.length, 1),
    ...compare('code', errors[0]?.extensions?.code, code),
    ...compare('path', errors[0]?.path?.join('.'), path?.join('.')),
  ];
}

/** @param {string} name @param {unknown} actual @param {unknown} expected */
const compare = (name, actual, expected) =>
  actual === expected ? [] : [`${name} ${String(actual)} instead of ${String(expected)}`];

/** @param {readonly import('../../graphql/graphql-client.mjs').GraphQLResponseError[]} errors */
const formatCodes = (errors) =>
  errors.length > 0 ? ` (${errors.map(({ extensions }) => extensions?.code ?? 'no code').join(', ')})` : '';

/**
 * Deletes the rules of a round.
 *
 * @param {GraphQLClient} client
 * @param {string} userId
 * @param {Pick<ProbeRound, 'createdIds' | 'mayHaveMore'>} round
 * @returns {Promise<string | undefined>} a description of the rules that could not be deleted
 */
export async function deleteProbeRules(client, userId, { createdIds, mayHaveMore }) {
  const remaining = new Set(createdIds);
  // An interrupted command still deletes its rules; a second Ctrl-C ends the process.
  const { signal } = new AbortController();
  const deleteRules = (/** @type {readonly string[]} */ ids) =>
    runConcurrently(ids, { concurrency: DELETE_CONCURRENCY }, async (id) => {
      const { errors } = await sendWithRetries(() => client.execute(DELETE_RULE_MUTATION, { id }), signal);
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
