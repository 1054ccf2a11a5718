import { MAX_PAGE_SIZE } from '@seguridad-abc/contracts';
import { formatRuleCell, getRuleValues, RULE_COLUMN_NAMES } from '../../csv/rule-columns.js';
import {
  ExportAlarmsDocument,
  ExportRulesDocument,
  type AlarmColumnsFragment,
  type AlarmFilter,
  type RuleFilter,
} from '../../graphql/generated.js';
import {
  getResponseData,
  sendWithRetries,
  type GraphQLClient,
  type GraphQLResponse,
} from '../../graphql/graphql-client.js';

/** A list to write as CSV. */
export interface ExportedList {
  readonly columns: readonly string[];
  /** The rows by column, read page by page, so that memory holds one page. */
  readonly rows: AsyncIterable<Readonly<Record<string, unknown>>>;
}

export interface ExportOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** The values of an alarm, by column. */
const ALARM_COLUMNS: Readonly<Record<string, (alarm: AlarmColumnsFragment) => string | null>> = {
  id: ({ id }) => id,
  userId: ({ user }) => user.id,
  ruleId: ({ rule }) => rule.id,
  rule: ({ rule }) => rule.name,
  opening: ({ opening }) => opening,
  kind: ({ kind }) => kind,
  severity: ({ severity }) => severity,
  status: ({ status }) => status,
  raisedAt: ({ raisedAt }) => raisedAt,
  clearedAt: ({ clearedAt }) => clearedAt,
  acknowledgedAt: ({ acknowledgedAt }) => acknowledgedAt,
  acknowledgedBy: ({ acknowledgedBy }) => acknowledgedBy,
  note: ({ note }) => note,
  reason: ({ reason }) => reason,
  claimedBy: ({ claimedBy }) => claimedBy,
  claimedAt: ({ claimedAt }) => claimedAt,
  resolution: ({ resolution }) => resolution?.code ?? null,
  resolutionNote: ({ resolution }) => resolution?.note ?? null,
  resolvedBy: ({ resolution }) => resolution?.by ?? null,
  resolvedAt: ({ resolution }) => resolution?.at ?? null,
};

/** Reads alarms, newest first. The rows throw GraphQLRequestError if the request is refused. */
export const exportAlarms = (
  client: GraphQLClient,
  filter: AlarmFilter,
  options: ExportOptions,
): ExportedList => ({
  columns: Object.keys(ALARM_COLUMNS),
  rows: readRows({
    name: 'alarms',
    readPage: async (after) => {
      const variables = { filter, first: MAX_PAGE_SIZE, after };
      return selectPage(await client.execute(ExportAlarmsDocument, variables), ({ alarms }) => alarms);
    },
    toRow: (alarm) =>
      Object.fromEntries(Object.entries(ALARM_COLUMNS).map(([title, getValue]) => [title, getValue(alarm)])),
    ...options,
  }),
});

/** Reads rules, newest first, in the columns that import reads. The rows throw GraphQLRequestError if it is refused. */
export const exportRules = (
  client: GraphQLClient,
  filter: RuleFilter,
  options: ExportOptions,
): ExportedList => ({
  columns: RULE_COLUMN_NAMES,
  rows: readRows({
    name: 'rules',
    readPage: async (after) => {
      const variables = { filter, first: MAX_PAGE_SIZE, after };
      return selectPage(await client.execute(ExportRulesDocument, variables), ({ rules }) => rules);
    },
    toRow: (rule) => {
      const values = getRuleValues(rule);
      return Object.fromEntries(RULE_COLUMN_NAMES.map((name) => [name, formatRuleCell(name, values)]));
    },
    ...options,
  }),
});

interface Page<Node> {
  readonly totalCount: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Keeps the errors of a response, and selects the page of its data. */
const selectPage = <Data, Node>(
  { data, ...response }: GraphQLResponse<Data>,
  select: (data: Data) => Page<Node> | null,
): GraphQLResponse<Page<Node>> => ({ ...response, data: data ? select(data) : null });

interface RowReader<Node> extends ExportOptions {
  readonly name: string;
  readonly readPage: (after: string | null) => Promise<GraphQLResponse<Page<Node>>>;
  readonly toRow: (node: Node) => Readonly<Record<string, unknown>>;
}

async function* readRows<Node>({ name, readPage, toRow, signal, onProgress }: RowReader<Node>) {
  let after: string | null = null;
  let done = 0;
  do {
    const from: string | null = after;
    const response = await sendWithRetries(() => readPage(from), signal);
    const page: Page<Node> = getResponseData(response, `The ${name} cannot be read`);
    for (const node of page.nodes) yield toRow(node);
    done += page.nodes.length;
    onProgress(done, page.totalCount);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null && !signal.aborted);
}
