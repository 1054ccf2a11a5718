import { randomBytes, randomInt } from 'node:crypto';
import { authorizer } from '../../identity.mjs';
import { parseDuration } from '../cli/duration.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { parseWholeNumber } from '../cli/whole-number.mjs';
import { endpoint, OPERATOR, URL_HELP, URL_OPTION } from '../client/endpoint.mjs';
import { assertAnswered } from '../client/assert-answered.mjs';
import { createHttpClient } from '../client/http-client.mjs';
import { keepProbing } from './keep-probing.mjs';
import { probeOnce } from './probe-once.mjs';
import { createRandom } from './random.mjs';

const usage = `npm run probe -- [--count 100] [--concurrency 8] [--seed N] [--every TIME] [--url URL]

Sends a random mix of right and wrong requests to the gateway and checks each answer; of the rules that it creates it
tells after how many ms reports has them. It works under a user of its own (probe-...) and deletes its rules at the end,
also after Ctrl-C.

  --count N              requests in a round (100)
  --concurrency N        so many at a time (8)
  --seed N               the same mix again; a random one by default, which is printed
  --every TIME           a round every 10s, 5m, ... until Ctrl-C, a line each; it beats as the service probe meanwhile
                         (over REDIS_URL, or the Redis of this installation's npm start)
${URL_HELP}

Exit codes: 0 every answer was right; 1 one was wrong, or a rule could not be deleted; 2 wrong usage, or a gateway that
does not answer; 130 interrupted (with --every that is its end: 0 or 1).`;

const options = /** @type {const} */ ({
  count: { type: 'string', default: '100' },
  concurrency: { type: 'string', default: '8' },
  seed: { type: 'string' },
  every: { type: 'string' },
  ...URL_OPTION,
});

const MAX_SEED = 2 ** 32 - 1;

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values, settings, signal }) {
  const client = createHttpClient(endpoint(values.url, settings), {
    authorize: authorizer(settings, OPERATOR),
  });
  const seed =
    values.seed === undefined
      ? randomInt(MAX_SEED)
      : parseWholeNumber('--seed', values.seed, { min: 0, max: MAX_SEED });
  const plan = {
    client,
    count: parseWholeNumber('--count', values.count, { min: 1, max: 100_000 }),
    concurrency: parseWholeNumber('--concurrency', values.concurrency, { min: 1, max: 256 }),
    random: createRandom(seed),
    userId: `probe-${randomBytes(4).toString('hex')}`,
    signal,
  };
  const everyMs = values.every === undefined ? undefined : parseDuration('--every', values.every);
  const head = `${client.url.href}, user ${plan.userId}, seed ${seed}`;
  if (everyMs !== undefined) return keepProbing(plan, { head, everyMs, settings });
  await assertAnswered(client);
  console.log(head);
  return probeOnce(plan);
}
