import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { EXIT_CODES } from '../shared/errors.js';
import { createSignInLink } from '../shared/sign-in-link.js';

/** `npm run sign-in`. */
export const createSignInCommand = defineCommand({
  command: 'sign-in',
  describe: `Prints a link with which a browser signs in to GraphiQL as an operator, and nothing else.

The link works once, within 10 minutes, and at the printed address only. The browser stays signed in for 12 hours. The gateway must run. It has no such links in production, and none if AUTH_JWKS_URL names another issuer.

Exit codes: 0 success; 1 the installation has no sign-in links; 2 wrong usage, or the gateway does not answer.`,
  isReadOnly: true,
  examples: [['npm run -s sign-in', 'prints a link; with -s, npm prints nothing else']],
  builder: (yargs) => yargs,
  options: z.object({}),
  async run(_options, { settings, signal, print }) {
    print((await createSignInLink(settings, signal)).url);
    return EXIT_CODES.success;
  },
});
