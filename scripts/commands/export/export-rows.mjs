import { getRuleValues, RULE_CSV_COLUMNS } from '../../csv/rule-columns.mjs';
import { getResponseData, sendWithRetries } from '../../graphql/graphql-client.mjs';
import { ALARM_FRAGMENT, MAX_PAGE_SIZE, RULE_FRAGMENT } from '../../graphql/rules-and-alarms.mjs';

/**
 * @typedef {object} ExportedList
 * @property {string} query reads a page; its variables are `$filter` and `$after`
 * @property {string} field of the query
 * @property {Readonly<Record<string, (node: any) => unknown>>} columns value of each column, by its title
 *
 * @typedef {import('../../graphql/rules-and-alarms.mjs').Alarm} Alarm
 * @typedef {import('../../csv/rule-columns.mjs').ExportedRule} ExportedRule
 * @typedef {import('../../graphql/rules-and-alarms.mjs').PageInfo} PageInfo
 * @typedef {{ totalCount: number, nodes: object[], pageInfo: PageInfo }} Page
 */

/** @type {ExportedList} */
const ALARMS = {
  query: createPageQuery('alarms', 'AlarmFilter', 'AlarmFields', ALARM_FRAGMENT),
  field: 'alarms',
  columns: {
    id: (/** @type {Alarm} */ { id }) => id,
    userId: (/** @type {Alarm} */ { user }) => user.id,
    ruleId: (/** @type {Alarm} */ { rule }) => rule.id,
    rule: (/** @type {Alarm} */ { rule }) => rule.name,
    opening: (/** @type {Alarm} */ { opening }) => opening,
    kind: (/** @type {Alarm} */ { kind }) => kind,
    severity: (/** @type {Alarm} */ { severity }) => severity,
    status: (/** @type {Alarm} */ { status }) => status,
    raisedAt: (/** @type {Alarm} */ { raisedAt }) => raisedAt,
    clearedAt: (/** @type {Alarm} */ { clearedAt }) => clearedAt,
    acknowledgedAt: (/** @type {Alarm} */ { acknowledgedAt }) => acknowledgedAt,
    acknowledgedBy: (/** @type {Alarm} */ { acknowledgedBy }) => acknowledgedBy,
    note: (/** @type {Alarm} */ { note }) => note,
    reason: (/** @type {Alarm} */ { reason }) => reason,
  },
};

/** @type {ExportedList} */
const RULES = {
  query: createPageQuery('rules', 'RuleFilter', 'RuleFields', RULE_FRAGMENT),
  field: 'rules',
  columns: Object.fromEntries(
    Object.entries(RULE_CSV_COLUMNS).map(([name, { format = (/** @type {unknown} */ value) => value }]) => [
      name,
      (/** @type {ExportedRule} */ rule) => format(getRuleValues(rule)[name]),
    ]),
  ),
};

/** The lists that can be exported. @type {Readonly<Record<'alarms' | 'rules', ExportedList>>} */
export const EXPORTED_LISTS = { alarms: ALARMS, rules: RULES };

/** @param {string} field @param {string} filterType @param {string} fragmentName @param {string} fragment */
function createPageQuery(field, filterType, fragmentName, fragment) {
  return `query ($filter: ${filterType}, $after: String) {
  ${field}(filter: $filter, first: ${MAX_PAGE_SIZE}, after: $after) {
    totalCount
    nodes { ...${fragmentName} }
    pageInfo { hasNextPage endCursor }
  }
}
${fragment}`;
}

/**
 * Reads the rows of a list page by page, so that memory holds one page.
 *
 * @param {import('../../graphql/graphql-client.mjs').GraphQLClient} client
 * @param {ExportedList} list
 * @param {Record<string, unknown>} filter
 * @param {{ signal: AbortSignal, onProgress: (done: number, total: number) => void }} options
 * @returns {AsyncGenerator<Record<string, unknown>>}
 * @throws {import('../../graphql/graphql-client.mjs').GraphQLRequestError}
 */
export async function* readExportRows(client, { query, field, columns }, filter, { signal, onProgress }) {
  /** @type {string | null} */
  let after = null;
  let done = 0;
  do {
    /** @type {import('../../graphql/graphql-client.mjs').GraphQLResponse<Record<string, Page>>} */
    const response = await sendWithRetries(() => client.execute(query, { filter, after }), signal);
    const page = /** @type {Page} */ (getResponseData(response, `The ${field} cannot be read`)[field]);
    for (const node of page.nodes) {
      yield Object.fromEntries(Object.entries(columns).map(([title, getValue]) => [title, getValue(node)]));
    }
    done += page.nodes.length;
    onProgress(done, page.totalCount);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null && !signal.aborted);
}
