import { executeOperation } from '../harness/graphql-clients.js';
import { writeTable, type OpeningReading, type Row, type Rule } from '../reference/table.js';

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

/** One operation that must be answered without an error; `token` is of what it wrote. */
async function must<Data>(url: string, query: string, variables: Record<string, unknown>, token?: string) {
  const { data, errors, extensions } = await executeOperation<Data>(url, query, variables, {
    consistencyToken: token,
  });
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return { data, token: extensions?.consistencyToken };
}

export async function createRules(url: string, userId: string, rules: readonly Rule[]): Promise<void> {
  for (const { name, opening, version } of rules) {
    const { opensAt, closesAt, days, timeZone, maxOpenSeconds, from } = version;
    const effectiveFrom = new Date(from).toISOString();
    const input = { userId, name, opening, opensAt, closesAt, days, timeZone, maxOpenSeconds, effectiveFrom };
    await must(url, CREATE, { input });
  }
}

/** @returns what the outcomes add up to, and the token of the last */
export async function record(
  url: string,
  userId: string,
  readings: readonly OpeningReading[],
  batch: number,
): Promise<{ accepted: number; duplicates: number; token: string | undefined }> {
  let [accepted, duplicates] = [0, 0];
  let token: string | undefined;
  for (let from = 0; from < readings.length; from += batch) {
    const some = readings
      .slice(from, from + batch)
      .map(({ id, opening, state, at }) => ({ id, opening, state, at: new Date(at).toISOString() }));
    const answer = await must<Recorded>(url, RECORD, { input: { userId, readings: some } });
    const { recordReadings } = answer.data;
    if (recordReadings.refused.length > 0) throw new Error(JSON.stringify(recordReadings.refused));
    accepted += recordReadings.accepted;
    duplicates += recordReadings.duplicates;
    ({ token } = answer);
  }
  return { accepted, duplicates, token };
}

/** The table of a user's alarms that are not retracted, at a state. */
export async function tableOfAlarms(url: string, userId: string, token: string | undefined): Promise<string> {
  const nodes: Alarms['alarms']['nodes'] = [];
  let after: string | null = null;
  do {
    const { data }: { data: Alarms } = await must<Alarms>(url, ALARMS, { userId, after }, token);
    nodes.push(...data.alarms.nodes);
    after = data.alarms.pageInfo.hasNextPage ? data.alarms.pageInfo.endCursor : null;
  } while (after !== null);
  return writeTable(nodes.map(({ rule, ...alarm }) => rowOf(rule.name, alarm)));
}

/** The table of what rules that are not saved would have raised from an instant up to another. */
export async function tableOfSimulations(
  url: string,
  userId: string,
  rules: readonly Rule[],
  [from, to]: readonly [number, number],
  token: string | undefined,
): Promise<string> {
  const rows: Row[] = [];
  for (const { name, opening, version } of rules) {
    const { opensAt, closesAt, days, timeZone, maxOpenSeconds } = version;
    const rule = { userId, opening, opensAt, closesAt, days, timeZone, maxOpenSeconds };
    const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const { data } = await must<Simulated>(url, SIMULATE, { rule, ...span }, token);
    for (const alarm of data.simulateRule.alarms) rows.push(rowOf(name, alarm));
  }
  return writeTable(rows);
}

const rowOf = (rule: string, { kind, raisedAt, clearedAt }: Alarm): Row => ({
  rule,
  kind,
  raisedAt: Date.parse(raisedAt),
  clearedAt: clearedAt === null ? Infinity : Date.parse(clearedAt),
});
