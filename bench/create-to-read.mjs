// How long a rule that createRule has answered takes to be readable in reports.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthorizer, OPERATOR_ACTOR } from '../scripts/shared/identity.mjs';
import { loadEnvFile, readInstallationSettings } from '../scripts/shared/installation-settings.mjs';
import { getPercentile } from '../scripts/cli/latency.mjs';

const usage = `node bench/create-to-read.mjs [--url http://127.0.0.1:4000/graphql] [--count 1000] [--rate 50]
Against a running installation (npm start). Sends createRule at a steady rate, each rule for a user of this run, and asks for
each rule by id, again and again from its answer on, until reports has it; then deletes what it made. Times are in ms and hold
the query that saw the rule. Exit code 1 where an operation fails.`;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:4000/graphql' },
    count: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean', short: 'h' },
  },
});

loadEnvFile();
const authorize = createAuthorizer(readInstallationSettings(process.env), OPERATOR_ACTOR);

/** @param {string} query @param {Record<string, unknown>} variables */
async function ask(query, variables) {
  const response = await fetch(values.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await authorize()) },
    body: JSON.stringify({ query, variables }),
  });
  /** @typedef {{ createRule: { rule: { id: string } }, rule: { id: string } | null }} Data */
  const { data, errors } = /** @type {{ data?: Data, errors?: unknown }} */ (await response.json());
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** @param {number} index @param {string} userId */
async function measure(index, userId) {
  const input = { userId, name: `Rule ${String(index)}`, opening: 'Door', maxOpenSeconds: 60 };
  const sent = performance.now();
  const { createRule } = await ask(
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }',
    { input },
  );
  const { id } = createRule.rule;
  const answered = performance.now();
  while (!(await ask('query ($id: ID!) { rule(id: $id) { id } }', { id })).rule);
  return { id, command: answered - sent, readable: performance.now() - answered };
}

async function main() {
  const count = Number(values.count);
  const userId = `bench-${String(Date.now())}`;
  const started = performance.now();
  const pending = [];
  for (let index = 0; index < count; index++) {
    await sleep(Math.max(0, started + (index * 1_000) / Number(values.rate) - performance.now()));
    pending.push(measure(index, userId));
  }
  const results = await Promise.all(pending);
  for (const kind of /** @type {const} */ (['command', 'readable'])) {
    const times = results.map((result) => result[kind]).sort((a, b) => a - b);
    const at = (/** @type {number} */ p) => getPercentile(times, p).toFixed(1);
    console.log(`${kind.padEnd(8)} n=${String(count)} p50=${at(50)} ms p99=${at(99)} ms max=${at(100)} ms`);
  }
  for (const { id } of results) {
    await ask('mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }', { id });
  }
}

if (values.help) console.log(usage);
else await main();
