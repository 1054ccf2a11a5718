import { executeOperation } from '../harness/graphql-clients.js';
import {
  formatAlarmTable,
  getHours,
  type AlarmRow,
  type OpeningReading,
  type ReferenceRule,
} from '../reference/alarm-table.js';

const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';
const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { id code message } }
}`;
const ALARMS = `query ($userId: ID!, $after: String) {
  alarms(filter: { userId: $userId, status: [ACTIVE, CLEARED] }, first: 200, after: $after) {
    nodes { rule { name } kind raisedAt clearedAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

const SIMULATE = `query ($rule: SimulatedRuleInput!, $from: DateTime!, $to: DateTime!) {
  simulateRule(rule: $rule, from: $from, to: $to) { alarms { kind raisedAt clearedAt } }
}`;

interface Alarm {
  readonly kind: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

interface Recorded {
  recordReadings: { accepted: number; duplicates: number; refused: unknown[] };
}
interface Alarms {
  alarms: {
    nodes: (Alarm & { rule: { name: string } })[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

interface Simulated {
  simulateRule: { alarms: Alarm[] };
}

/** Executes an operation. @throws Error if the response has errors. @returns the data and the consistency token */
async function execute<Data>(url: string, query: string, variables: Record<string, unknown>, token?: string) {
  const { data, errors, extensions } = await executeOperation<Data>(url, query, variables, {
    consistencyToken: token,
  });
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return { data, token: extensions?.consistencyToken };
}

export async function createRules(
  url: string,
  userId: string,
  rules: readonly ReferenceRule[],
): Promise<void> {
  for (const rule of rules) {
    const { name, opening, version } = rule;
    const { timeZone, maxOpenSeconds, from } = version;
    const effectiveFrom = new Date(from).toISOString();
    const input = { userId, name, opening, ...getHours(rule), timeZone, maxOpenSeconds, effectiveFrom };
    await execute(url, CREATE, { input });
  }
}

/** Sends readings in batches. @returns the sums of the outcomes, and the consistency token of the last batch */
export async function recordReadings(
  url: string,
  userId: string,
  readings: readonly OpeningReading[],
  batchSize: number,
): Promise<{ accepted: number; duplicates: number; token: string | undefined }> {
  let [accepted, duplicates] = [0, 0];
  let token: string | undefined;
  for (let from = 0; from < readings.length; from += batchSize) {
    const batch = readings
      .slice(from, from + batchSize)
      .map(({ id, opening, state, at }) => ({ id, opening, state, at: new Date(at).toISOString() }));
    const response = await execute<Recorded>(url, RECORD, { input: { userId, readings: batch } });
    const outcome = response.data.recordReadings;
    if (outcome.refused.length > 0) throw new Error(JSON.stringify(outcome.refused));
    accepted += outcome.accepted;
    duplicates += outcome.duplicates;
    ({ token } = response);
  }
  return { accepted, duplicates, token };
}

/** The alarm table of a user, at the state of a consistency token or later. */
export async function fetchAlarmTable(
  url: string,
  userId: string,
  token: string | undefined,
): Promise<string> {
  const nodes: Alarms['alarms']['nodes'] = [];
  let after: string | null = null;
  do {
    const { data }: { data: Alarms } = await execute<Alarms>(url, ALARMS, { userId, after }, token);
    nodes.push(...data.alarms.nodes);
    after = data.alarms.pageInfo.hasNextPage ? data.alarms.pageInfo.endCursor : null;
  } while (after !== null);
  return formatAlarmTable(nodes.map(({ rule, ...alarm }) => toAlarmRow(rule.name, alarm)));
}

/** The alarm table of rules that are not stored, by `simulateRule` over `[from, to)`. */
export async function fetchSimulationTable(
  url: string,
  userId: string,
  rules: readonly ReferenceRule[],
  [from, to]: readonly [number, number],
  token: string | undefined,
): Promise<string> {
  const rows: AlarmRow[] = [];
  for (const rule of rules) {
    const { timeZone, maxOpenSeconds } = rule.version;
    const simulated = { userId, opening: rule.opening, ...getHours(rule), timeZone, maxOpenSeconds };
    const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const { data } = await execute<Simulated>(url, SIMULATE, { rule: simulated, ...period }, token);
    for (const alarm of data.simulateRule.alarms) rows.push(toAlarmRow(rule.name, alarm));
  }
  return formatAlarmTable(rows);
}

const toAlarmRow = (rule: string, { kind, raisedAt, clearedAt }: Alarm): AlarmRow => ({
  rule,
  kind,
  raisedAt: Date.parse(raisedAt),
  clearedAt: clearedAt === null ? Infinity : Date.parse(clearedAt),
});
