import { ROLES } from '@seguridad-abc/contracts';
import { MAX_USER_ID_LENGTH } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { durationOption } from '../command-line/option-values.js';
import { EXIT_CODES } from '../shared/errors.js';
import { issueToken } from '../shared/identity.js';

/** `npm run token`. */
export const createTokenCommand = defineCommand({
  command: 'token',
  describe: `Prints a token of this installation for a user, and nothing else.

The token is signed with the key in DATA_DIR, which is created if there is none. If AUTH_JWKS_URL names another issuer, tokens come from that issuer.

Exit codes: 0 success; 1 this installation does not issue tokens; 2 wrong usage.`,
  isReadOnly: true,
  examples: [
    ['npm run -s token -- --user ana --role customer', 'prints a token; with -s, npm prints nothing else'],
    ['TOKEN=$(npm run -s token -- --user ana --role customer)', 'keeps it in a variable of the shell'],
  ],
  builder: (yargs) =>
    yargs
      .option('user', { type: 'string', requiresArg: true, demandOption: true, describe: "The user's id" })
      .option('role', {
        choices: ROLES,
        requiresArg: true,
        demandOption: true,
        describe:
          "customer: reads and changes their own data; operator: has access to every user's data; device: records readings " +
          'of its user',
      })
      .option('ttl', {
        type: 'string',
        requiresArg: true,
        default: '1h',
        describe: 'Lifetime, such as 90s, 30m or 168h',
      }),
  options: z.object({
    user: z
      .string()
      .refine(
        (id) => id.trim() !== '' && id.length <= MAX_USER_ID_LENGTH,
        `must be an id of 1 to ${MAX_USER_ID_LENGTH} characters`,
      ),
    role: z.enum(ROLES),
    ttl: durationOption(),
  }),
  async run({ user, role, ttl }, { settings, print }) {
    print(await issueToken(settings, { id: user, role }, ttl));
    return EXIT_CODES.success;
  },
});
