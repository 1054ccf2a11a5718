import { ROLES } from '@seguridad-abc/contracts';
import { parseDuration } from '../cli/option-values.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { EXIT_CODES, UsageError } from '../shared/errors.mjs';
import { issueToken } from '../shared/identity.mjs';

const usage = `npm run token -- --user ID --role ${ROLES.join('|')} [--ttl 1h]

Prints a token of this installation for a user, and nothing else:

  curl -H "authorization: Bearer $(npm run -s token -- --user ana --role customer)" ...

  --user ID     the user's id
  --role ROLE   customer: reads and changes their own data; operator: has access to every user's data; device: records
                readings of its user
  --ttl TIME    lifetime: 90s, 30m, 1h, 168h (1h)

The token is signed with the key in DATA_DIR, which is created if there is none. If AUTH_JWKS_URL names another issuer,
tokens come from that issuer.

Exit codes: 0 success; 1 this installation does not issue tokens; 2 wrong usage.`;

const options = /** @type {const} */ ({
  user: { type: 'string' },
  role: { type: 'string' },
  ttl: { type: 'string', default: '1h' },
});

const MAX_USER_ID_LENGTH = 128;

/** @param {string[]} args */
export const runTokenCommand = (args) => runTool({ usage, options, run }, args);

/** @param {import('../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values: { user = '', role: roleName, ttl }, settings }) {
  if (user.trim() === '' || user.length > MAX_USER_ID_LENGTH) {
    throw new UsageError(`--user must be an id of 1 to ${MAX_USER_ID_LENGTH} characters. See --help.`);
  }
  const role = ROLES.find((candidate) => candidate === roleName);
  if (!role) throw new UsageError(`--role must be one of ${ROLES.join(', ')}. See --help.`);
  console.log(await issueToken(settings, { id: user, role }, parseDuration('--ttl', ttl)));
  return EXIT_CODES.success;
}
