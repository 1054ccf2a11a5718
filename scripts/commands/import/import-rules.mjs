import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runConcurrently } from '../../cli/run-concurrently.mjs';
import { GraphQLRequestError, sendWithRetries } from '../../graphql/graphql-client.mjs';
import { readRulesOfUser } from '../../graphql/rules-and-alarms.mjs';
import { UnreachableError } from '../../shared/errors.mjs';
import { findRuleDifferences } from './rule-differences.mjs';

/**
 * @typedef {import('../../graphql/graphql-client.mjs').GraphQLClient} GraphQLClient
 * @typedef {import('./parse-rules-csv.mjs').RowFault} RowFault
 * @typedef {import('./parse-rules-csv.mjs').RuleRow} RuleRow
 *
 * @typedef {{ kind: 'created', id: string } | { kind: 'already there', id: string }
 *   | { kind: 'refused', faults: readonly RowFault[] }} RowOutcome
 *
 * @typedef {{ line: number } & RowOutcome} ImportedRow
 */

const CREATE_RULE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';

/** Monitoring commits commands that arrive together in one transaction, so parallel requests are faster. */
const CONCURRENCY = 16;

/** An invalid value of `days`. The server refuses it for certain, so it creates nothing and reports all other faults. */
const INVALID_DAYS = ['MONDAY', 'MONDAY'];

/** How long reports may take to have a rule that was created just before. */
const PROJECTION_TIMEOUT_MS = 5_000;
const RETRY_INTERVAL_MS = 100;

/**
 * Creates the rules of a file.
 *
 * @param {GraphQLClient} client
 * @param {readonly RuleRow[]} rows
 * @param {{ signal: AbortSignal, onProgress?: (done: number) => void }} options
 * @returns {Promise<{ imported: ImportedRow[], interruption: UnreachableError | undefined }>} the outcomes in the order
 *   of the rows, and the error that ended the import early
 */
export async function importRules(client, rows, { signal, onProgress }) {
  const runId = randomUUID();
  /** @type {(ImportedRow | undefined)[]} */
  const imported = rows.map(() => undefined);
  let done = 0;
  /** @type {UnreachableError | undefined} */
  let interruption;
  try {
    await runConcurrently(rows, { concurrency: CONCURRENCY, signal }, async (row, index) => {
      // The key is unique to this run: a later import must see the rule's current state, not this answer.
      const outcome = await importRow(client, row, `import-${runId}-${row.line}`, signal);
      imported[index] = { line: row.line, ...outcome };
      onProgress?.(++done);
    });
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    interruption = error;
  }
  return { imported: imported.filter((outcome) => outcome !== undefined), interruption };
}

/**
 * Creates the rule of a row, or finds out why that is not possible.
 *
 * @param {GraphQLClient} client
 * @param {RuleRow} row
 * @param {string} idempotencyKey
 * @param {AbortSignal} signal
 * @returns {Promise<RowOutcome>}
 */
async function importRow(client, { input, faults }, idempotencyKey, signal) {
  const isFaulty = faults.length > 0;
  if (faults.some(({ column }) => column === null)) return { kind: 'refused', faults };
  const sentInput = isFaulty
    ? { ...input, days: INVALID_DAYS }
    : { ...input, clientMutationId: idempotencyKey };
  /** @type {import('../../graphql/graphql-client.mjs').GraphQLResponse<{ createRule: { rule: { id: string } } }>} */
  const { data, errors = [] } = await sendWithRetries(
    () => client.execute(CREATE_RULE, { input: sentInput }),
    signal,
  );
  if (data) return { kind: 'created', id: data.createRule.rule.id };
  const serverFaults = toImportRowFaults(errors);
  if (isFaulty) return { kind: 'refused', faults: mergeFaults(faults, serverFaults) };
  if (errors[0]?.extensions?.code === 'CONFLICT') return compareWithExisting(client, input, serverFaults);
  return { kind: 'refused', faults: serverFaults };
}

/**
 * Merges the faults of a row. Server faults of columns that were not sent as they are in the file are dropped.
 *
 * @param {readonly RowFault[]} localFaults
 * @param {readonly RowFault[]} serverFaults
 */
function mergeFaults(localFaults, serverFaults) {
  const changedColumns = new Set(['days', ...localFaults.map(({ column }) => column)]);
  const isRelevant = (/** @type {RowFault} */ { column, code }) =>
    !changedColumns.has(column) && !(code === 'NO_HOURS_NO_TIMER' && changedColumns.has('maxOpenSeconds'));
  return [...localFaults, ...serverFaults.filter(isRelevant)];
}

/**
 * Compares a row with the rule that has the same name.
 *
 * @param {GraphQLClient} client
 * @param {RuleRow['input']} input
 * @param {readonly RowFault[]} conflictFaults used if the existing rule cannot be read
 * @returns {Promise<RowOutcome>}
 */
async function compareWithExisting(client, input, conflictFaults) {
  const { userId, opening, name } = /** @type {{ userId: string, opening: string, name: string }} */ (input);
  const rule = await findExistingRule(client, { userId, opening, name });
  if (!rule) return { kind: 'refused', faults: conflictFaults };
  const differences = findRuleDifferences(input, rule);
  if (differences.length === 0) return { kind: 'already there', id: rule.id };
  return {
    kind: 'refused',
    faults: differences.map(({ column, existing, imported }) => ({
      column,
      code: 'CONFLICT',
      message: `The rule exists with another value: ${existing} exists, ${imported} is in the file.`,
    })),
  };
}

/**
 * Finds a rule in reports, which may not have it yet.
 *
 * @param {GraphQLClient} client
 * @param {{ userId: string, opening: string, name: string }} key
 * @returns {Promise<import('../../graphql/rules-and-alarms.mjs').Rule | undefined>}
 */
async function findExistingRule(client, { userId, opening, name }) {
  // The server stores names in this form.
  const storedName = name.trim().normalize('NFC');
  const deadline = performance.now() + PROJECTION_TIMEOUT_MS;
  for (;;) {
    const rules = await readRulesOrNone(client, userId, { opening, search: name });
    const rule = rules.find((candidate) => candidate.name === storedName);
    if (rule || performance.now() >= deadline) return rule;
    await sleep(RETRY_INTERVAL_MS);
  }
}

/** @param {GraphQLClient} client @param {string} userId @param {Record<string, unknown>} filter */
async function readRulesOrNone(client, userId, filter) {
  try {
    return await readRulesOfUser(client, userId, { filter });
  } catch (error) {
    if (error instanceof GraphQLRequestError) return [];
    throw error;
  }
}

/**
 * Converts the errors of a response to faults of a row, by column. An error without `faults` concerns the whole row.
 *
 * @param {readonly import('../../graphql/graphql-client.mjs').GraphQLResponseError[]} errors
 * @returns {RowFault[]}
 */
export const toImportRowFaults = (errors) =>
  errors.flatMap(({ message, extensions: { code = 'UNKNOWN', faults } = {} }) =>
    faults && faults.length > 0
      ? faults.map((fault) => ({ column: getColumn(fault.path), code: fault.code, message: fault.message }))
      : [{ column: null, code, message }],
  );

/** `['input', 'days', 1]` concerns the column `days`; `['input']` concerns the row. @param {readonly (string | number)[]} path */
function getColumn([, field]) {
  return typeof field === 'string' ? field : null;
}
