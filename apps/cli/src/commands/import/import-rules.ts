import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InputFault } from '@seguridad-abc/contracts';
import { runConcurrently } from '../../command-line/run-concurrently.js';
import { HOURS_COLUMNS, type RuleColumnName } from '../../csv/rule-columns.js';
import { formatWindow } from '../../csv/window-list.js';
import {
  CreateRuleDocument,
  CreateRulesDocument,
  type CreateRuleInput,
  type CreateRulesMutation,
  type CreateRulesMutationVariables,
  type RuleColumnsFragment,
  type RuleFilter,
} from '../../graphql/generated.js';
import {
  GraphQLRequestError,
  sendWithRetries,
  type GraphQLClient,
  type GraphQLResponseError,
} from '../../graphql/graphql-client.js';
import { readRulesOfUser } from '../../graphql/read-rules.js';
import { UnreachableError } from '../../shared/errors.js';
import type { RowFault, RuleRow } from './parse-rules-csv.js';
import { findRuleDifferences } from './rule-differences.js';

export type RowOutcome =
  | { readonly kind: 'created'; readonly id: string }
  | { readonly kind: 'already there'; readonly id: string }
  | { readonly kind: 'refused'; readonly faults: readonly RowFault[] };

export type ImportedRow = { readonly line: number } & RowOutcome;

/** Rules that one request creates, which is faster. The operation `CreateRules` has as many fields. */
export const RULES_PER_REQUEST = 10;
/** Monitoring commits commands that arrive together in one transaction, so parallel requests are faster. */
const CONCURRENCY = 16;

/** An invalid idempotency key. The server refuses it for certain, so it creates nothing and reports all faults of the fields. */
const INVALID_KEY = '';

/** How long reports may take to have a rule that was created just before. */
const PROJECTION_TIMEOUT_MS = 5_000;
const RETRY_INTERVAL_MS = 100;

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export interface ImportResult {
  /** The outcomes in the order of the rows. */
  readonly imported: readonly ImportedRow[];
  /** The error that ended the import early. */
  readonly interruption: UnreachableError | undefined;
}

/** Creates the rules of a file. */
export async function importRules(
  client: GraphQLClient,
  rows: readonly RuleRow[],
  { signal, onProgress }: ImportOptions,
): Promise<ImportResult> {
  const runId = randomUUID();
  const imported: (ImportedRow | undefined)[] = rows.map(() => undefined);
  let done = 0;
  let interruption: UnreachableError | undefined;
  const record = (index: number, outcome: RowOutcome) => {
    imported[index] = { line: rows[index]?.line ?? 0, ...outcome };
    onProgress?.(++done);
  };
  // The key is unique to this run: a later import must see the rule's current state, not this answer.
  const keyedRows = rows.map((row) => ({ ...row, idempotencyKey: `import-${runId}-${row.line}` }));
  const groupStarts = rows.map((_, index) => index).filter((index) => index % RULES_PER_REQUEST === 0);
  try {
    await runConcurrently(groupStarts, { concurrency: CONCURRENCY, signal }, async (start) => {
      const group = keyedRows.slice(start, start + RULES_PER_REQUEST);
      const ids = await createTogether(client, group, signal);
      for (const [offset, row] of group.entries()) {
        const id = ids?.[offset];
        record(start + offset, id ? { kind: 'created', id } : await importRow(client, row, signal));
      }
    });
  } catch (error) {
    if (error instanceof UnreachableError) interruption = error;
    // After Ctrl-C, a row whose comparison did not finish has no outcome.
    else if (!isAbortError(error)) throw error;
  }
  return { imported: imported.filter((outcome) => outcome !== undefined), interruption };
}

const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

interface KeyedRow extends RuleRow {
  readonly idempotencyKey: string;
}

/**
 * Creates the rules of a full group of rows without faults in one request.
 * @returns their ids; undefined if one is not created. A repetition with the same keys then says which, and why
 */
async function createTogether(
  client: GraphQLClient,
  rows: readonly KeyedRow[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (rows.length < RULES_PER_REQUEST || rows.some(({ faults }) => faults.length > 0)) return undefined;
  const variables = Object.fromEntries(rows.map((row, index) => [`row${index + 1}`, toCreateInput(row)]));
  const { data } = await sendWithRetries(
    () => client.execute(CreateRulesDocument, variables as CreateRulesMutationVariables),
    signal,
  );
  return data
    ? rows.map((_, index) => data[`row${index + 1}` as keyof CreateRulesMutation].rule.id)
    : undefined;
}

// Every file has the required columns, so a row without faults is a complete input.
const toCreateInput = ({ input, idempotencyKey }: KeyedRow): CreateRuleInput =>
  ({ ...input, clientMutationId: idempotencyKey }) as CreateRuleInput;

/** Creates the rule of a row, or finds out why that is not possible. */
async function importRow(client: GraphQLClient, row: KeyedRow, signal: AbortSignal): Promise<RowOutcome> {
  const { input, calendar, faults } = row;
  const isFaulty = faults.length > 0;
  if (faults.some(({ column }) => column === null)) return { kind: 'refused', faults };
  const sentInput = isFaulty
    ? ({ ...input, clientMutationId: INVALID_KEY } as CreateRuleInput)
    : toCreateInput(row);
  const { data, errors = [] } = await sendWithRetries(
    () => client.execute(CreateRuleDocument, { input: sentInput }),
    signal,
  );
  if (data) return { kind: 'created', id: data.createRule.rule.id };
  const serverFaults = toImportRowFaults(errors, input);
  if (isFaulty) return { kind: 'refused', faults: mergeFaults(faults, serverFaults) };
  if (errors[0]?.extensions?.code === 'CONFLICT') {
    return compareWithExisting(client, { ...sentInput, calendar }, serverFaults, signal);
  }
  return { kind: 'refused', faults: serverFaults };
}

/** If the value of one of these columns is not sent, the server may miss the condition of the rule. */
const CONDITION_COLUMNS: ReadonlySet<string | null> = new Set<RuleColumnName>([
  ...[...HOURS_COLUMNS, 'windows' as const],
  ...(['maxOpenSeconds', 'silentAfterSeconds', 'onTamper', 'onBatteryLow'] as const),
]);

/** Merges the faults of a row. Server faults of columns that were not sent as they are in the file are dropped. */
function mergeFaults(localFaults: readonly RowFault[], serverFaults: readonly RowFault[]): RowFault[] {
  const changedColumns = new Set(['clientMutationId', ...localFaults.map(({ column }) => column)]);
  const lacksCondition = localFaults.some(({ column }) => CONDITION_COLUMNS.has(column));
  const isRelevant = ({ column, code }: RowFault) =>
    !changedColumns.has(column) && !(code === 'NO_HOURS_NO_TIMER' && lacksCondition);
  return [...localFaults, ...serverFaults.filter(isRelevant)];
}

type ComparedRow = CreateRuleInput & Pick<RuleRow, 'calendar'>;

/**
 * Compares a row with the rule that has the same name.
 * @param conflictFaults used if the existing rule cannot be read
 */
async function compareWithExisting(
  client: GraphQLClient,
  row: ComparedRow,
  conflictFaults: readonly RowFault[],
  signal: AbortSignal,
): Promise<RowOutcome> {
  const rule = await findExistingRule(client, row, signal);
  if (!rule) return { kind: 'refused', faults: conflictFaults };
  const differences = findRuleDifferences(row, rule);
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

/** Finds a rule in reports, which may not have it yet. @throws an AbortError after an abort */
async function findExistingRule(
  client: GraphQLClient,
  { userId, opening, name }: CreateRuleInput,
  signal: AbortSignal,
): Promise<RuleColumnsFragment | undefined> {
  // The server stores names in this form.
  const storedName = name.trim().normalize('NFC');
  const deadline = performance.now() + PROJECTION_TIMEOUT_MS;
  for (;;) {
    // A search counts the spaces at the ends of its text.
    const rules = await readRulesOrNone(client, userId ?? '', { opening, search: storedName });
    const rule = rules.find((candidate) => candidate.name === storedName);
    if (rule || performance.now() >= deadline) return rule;
    await sleep(RETRY_INTERVAL_MS, undefined, { signal });
  }
}

async function readRulesOrNone(client: GraphQLClient, userId: string, filter: RuleFilter) {
  try {
    return await readRulesOfUser(client, userId, { filter });
  } catch (error) {
    if (error instanceof GraphQLRequestError) return [];
    throw error;
  }
}

/**
 * Converts the errors of a response to faults of a row, by column. An error without `faults` concerns the whole row.
 * @param input what was sent
 */
export const toImportRowFaults = (
  errors: readonly GraphQLResponseError[],
  input: Partial<CreateRuleInput>,
): RowFault[] =>
  errors.flatMap(({ message, extensions: { code = 'UNKNOWN', faults = [] } = {} }): RowFault[] =>
    faults.length > 0 ? faults.map((fault) => toRowFault(fault, input)) : [{ column: null, code, message }],
  );

/** `['input', 'days', 1]` concerns the column `days`; `['input']` concerns the row. */
function toRowFault(
  { path: [, field, index], code, message }: Pick<InputFault, 'path' | 'code' | 'message'>,
  input: Partial<CreateRuleInput>,
): RowFault {
  if (typeof field !== 'string') return { column: null, code, message };
  if (field === 'calendarId') return { column: 'calendar', code, message };
  const windows = field === 'windows' || field === 'activeWindows' ? input[field] : undefined;
  const window = typeof index === 'number' ? windows?.[index] : undefined;
  // The cell has all windows, so the message names the one with the fault.
  return { column: field, code, message: window ? `"${formatWindow(window)}": ${message}` : message };
}
