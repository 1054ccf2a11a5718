// Measures how long a rule takes from the response of createRule until reports returns it.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { CREATE_RULE, sendOperation } from './lib/bench-platform.mjs';
import { importBuilt } from './lib/import-built.mjs';
import { computePercentile } from './lib/statistics.mjs';

const {
  checkGatewayAccess,
  createAuthorizer,
  createOperatorClient,
  formatError,
  loadCommandSettings,
  OPERATOR_ACTOR,
} = /** @type {typeof import('@seguridad-abc/cli')} */ (await importBuilt('@seguridad-abc/cli'));

const USAGE = `node bench/create-to-read.mjs [--url URL] [--count 1000] [--rate 50]
Needs a running installation (npm start). Sends createRule at a steady rate, for a user that only this run has. Queries each
rule by id, repeatedly, until reports returns it. Deletes the rules at the end.
command   from sending createRule until its response, in milliseconds
readable  from that response until the end of the query that returned the rule, in milliseconds
Exit code 1 if an operation fails.`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    count: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** @typedef {Parameters<typeof sendOperation>[0]} Gateway */

/** @param {Gateway} gateway @param {number} index @param {string} userId */
async function measureRule(gateway, index, userId) {
  const input = { userId, name: `Rule ${String(index)}`, opening: 'Door', maxOpenSeconds: 60 };
  const sentAt = performance.now();
  /** @type {{ createRule: { rule: { id: string } } }} */
  const { createRule } = await sendOperation(gateway, CREATE_RULE, { input });
  const { id } = createRule.rule;
  const createdAt = performance.now();
  for (;;) {
    /** @type {{ rule: { id: string } | null }} */
    const { rule } = await sendOperation(gateway, 'query ($id: ID!) { rule(id: $id) { id } }', { id });
    if (rule) break;
  }
  return { id, command: createdAt - sentAt, readable: performance.now() - createdAt };
}

/** The gateway of --url, or of the running installation. @throws {Error} with what to do if it does not answer */
async function findGateway() {
  const settings = loadCommandSettings(process.env);
  const client = createOperatorClient(values.url, { settings });
  await checkGatewayAccess(client);
  return { url: client.url.href, authorize: createAuthorizer(settings, OPERATOR_ACTOR) };
}

async function main() {
  const gateway = await findGateway();
  const count = Number(values.count);
  const userId = `bench-${String(Date.now())}`;
  const startedAt = performance.now();
  const pending = [];
  for (let index = 0; index < count; index++) {
    await sleep(Math.max(0, startedAt + (index * 1_000) / Number(values.rate) - performance.now()));
    pending.push(measureRule(gateway, index, userId));
  }
  const results = await Promise.all(pending);
  for (const phase of /** @type {const} */ (['command', 'readable'])) {
    const times = results.map((result) => result[phase]);
    const at = (/** @type {number} */ p) => computePercentile(times, p).toFixed(1);
    console.log(`${phase.padEnd(8)} n=${String(count)} p50=${at(50)} ms p99=${at(99)} ms max=${at(100)} ms`);
  }
  for (const { id } of results) {
    const deleteRule = 'mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }';
    await sendOperation(gateway, deleteRule, { id });
  }
}

if (values.help) {
  console.log(USAGE);
} else {
  await main().catch((/** @type {unknown} */ error) => {
    console.error(formatError(error));
    process.exitCode = 1;
  });
}
