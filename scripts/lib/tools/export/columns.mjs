/**
 * @typedef {object} Listed what can be exported
 * @property {string} query of a page, with `$filter` and `$after`
 * @property {string} field of the query
 * @property {Readonly<Record<string, (node: any) => unknown>>} columns by their titles
 */

const page = (/** @type {string} */ field, /** @type {string} */ type, /** @type {string} */ nodes) =>
  `query ($filter: ${type}, $after: String) {
  ${field}(filter: $filter, first: 200, after: $after) {
    totalCount
    nodes { ${nodes} }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** The columns that `npm run import` takes, so that a file goes back in. */
const RULES = {
  query: page(
    'rules',
    'RuleFilter',
    'user { id } name opening opensAt closesAt days maxOpenSeconds timeZone severity effectiveFrom enabled',
  ),
  field: 'rules',
  columns: {
    userId: (/** @type {{ user: { id: string } }} */ { user }) => user.id,
    name: of('name'),
    opening: of('opening'),
    opensAt: of('opensAt'),
    closesAt: of('closesAt'),
    days: (/** @type {{ days: string[] }} */ { days }) => days.join('|'),
    maxOpenSeconds: of('maxOpenSeconds'),
    timeZone: of('timeZone'),
    severity: of('severity'),
    effectiveFrom: of('effectiveFrom'),
    enabled: of('enabled'),
  },
};

const ALARMS = {
  query: page(
    'alarms',
    'AlarmFilter',
    `id user { id } rule { id name } opening kind severity status raisedAt clearedAt acknowledgedAt acknowledgedBy note reason`,
  ),
  field: 'alarms',
  columns: {
    id: of('id'),
    userId: (/** @type {{ user: { id: string } }} */ { user }) => user.id,
    ruleId: (/** @type {{ rule: { id: string } }} */ { rule }) => rule.id,
    rule: (/** @type {{ rule: { name: string } }} */ { rule }) => rule.name,
    opening: of('opening'),
    kind: of('kind'),
    severity: of('severity'),
    status: of('status'),
    raisedAt: of('raisedAt'),
    clearedAt: of('clearedAt'),
    acknowledgedAt: of('acknowledgedAt'),
    acknowledgedBy: of('acknowledgedBy'),
    note: of('note'),
    reason: of('reason'),
  },
};

/** @type {Readonly<Record<'alarms' | 'rules', Listed>>} */
export const LISTED = { alarms: ALARMS, rules: RULES };

/** @param {string} name */
function of(name) {
  return (/** @type {Record<string, unknown>} */ node) => node[name];
}
