import { issueToken } from '../../identity.mjs';
import { parseDuration } from '../cli/duration.mjs';
import { EXIT, UsageError } from '../cli/exit.mjs';
import { runTool } from '../cli/run-tool.mjs';

const usage = `npm run token -- --user ID --role customer|operator|device [--ttl 1h]

Prints a token of this installation for a user, and nothing else:

  curl -H "authorization: Bearer $(npm run -s token -- --user ana --role customer)" ...

  --user ID     whose it is
  --role ROLE   customer: reads and changes what is theirs; operator: acts for all; device: records readings
  --ttl TIME    how long it holds: 90s, 30m, 1h, 7d (1h)

The key that it is signed with lies in DATA_DIR and is made where there is none yet. Where AUTH_JWKS_URL names another
issuer, tokens come from there.

Exit codes: 0 done; 1 tokens are not issued here; 2 wrong usage.`;

const options = /** @type {const} */ ({
  user: { type: 'string' },
  role: { type: 'string' },
  ttl: { type: 'string', default: '1h' },
});

const ROLES = /** @type {const} */ (['customer', 'operator', 'device']);
const MAX_USER_ID = 128;

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values: { user = '', role: name, ttl }, settings }) {
  if (user.trim() === '' || user.length > MAX_USER_ID) {
    throw new UsageError(`--user must be an id of 1 to ${MAX_USER_ID} characters: see --help.`);
  }
  const role = ROLES.find((one) => one === name);
  if (!role) throw new UsageError(`--role must be one of ${ROLES.join(', ')}: see --help.`);
  console.log(await issueToken(settings, { id: user, role }, parseDuration('--ttl', ttl)));
  return EXIT.well;
}
