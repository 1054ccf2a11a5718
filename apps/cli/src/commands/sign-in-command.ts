import { MAX_USER_ID_LENGTH } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { EXIT_CODES } from '../shared/errors.js';
import { createSignInLink } from '../shared/sign-in-link.js';

/** A device has no use for a browser. */
const SIGN_IN_ROLES = ['customer', 'operator'] as const;

/** `npm run sign-in`. */
export const createSignInCommand = defineCommand({
  command: 'sign-in',
  describe: `Prints a link with which a browser signs in to the console and GraphiQL, and nothing else.

Without options it signs in as an operator. The link works once, within 10 minutes, and at the printed address only. The browser stays signed in for 12 hours. The gateway must run. It has no such links in production, and none if AUTH_JWKS_URL names another issuer.

Exit codes: 0 success; 1 the installation has no sign-in links; 2 wrong usage, or the gateway does not answer.`,
  isReadOnly: true,
  examples: [
    ['npm run -s sign-in', 'prints a link; with -s, npm prints nothing else'],
    ['npm run -s sign-in -- --user ana --role customer', 'prints a link with which ana sees her openings'],
  ],
  builder: (yargs) =>
    yargs
      .option('user', { type: 'string', requiresArg: true, default: 'operator', describe: "The user's id" })
      .option('role', {
        choices: SIGN_IN_ROLES,
        requiresArg: true,
        default: 'operator',
        describe: "customer: reads and changes their own data; operator: has access to every user's data",
      }),
  options: z.object({
    user: z
      .string()
      .refine(
        (id) => id.trim() !== '' && id.length <= MAX_USER_ID_LENGTH,
        `must be an id of 1 to ${MAX_USER_ID_LENGTH} characters`,
      ),
    role: z.enum(SIGN_IN_ROLES),
  }),
  async run({ user: id, role }, { settings, signal, print }) {
    print((await createSignInLink(settings, signal, { id, role })).url);
    return EXIT_CODES.success;
  },
});
