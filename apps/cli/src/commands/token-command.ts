import { MAX_OPENINGS_PER_DEVICE, ROLES } from '@seguridad-abc/contracts';
import { MAX_ENTITY_ID_LENGTH, MAX_OPENING_NAME_LENGTH, MAX_USER_ID_LENGTH } from '@seguridad-abc/evaluation';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { durationOption } from '../command-line/option-values.js';
import { EXIT_CODES } from '../shared/errors.js';
import { issueToken } from '../shared/identity.js';

const isOpeningName = (name: string): boolean =>
  name !== '' && Array.from(name).length <= MAX_OPENING_NAME_LENGTH;

/** Fits into a token of 8 KiB. */
const MAX_NAMES_LENGTH = 2_000;
const namesOption = z
  .string()
  .min(1, 'must be names with spaces between')
  .max(MAX_NAMES_LENGTH, `must have at most ${MAX_NAMES_LENGTH} characters`);

/** The options of {@link createTokenCommand}. */
export const TOKEN_OPTIONS = z
  .object({
    user: z
      .string()
      .refine(
        (id) => id.trim() !== '' && id.length <= MAX_USER_ID_LENGTH,
        `must be an id of 1 to ${MAX_USER_ID_LENGTH} characters`,
      ),
    role: z.enum(ROLES),
    device: z
      .string()
      .min(1)
      .max(MAX_ENTITY_ID_LENGTH, `must be an id of at most ${MAX_ENTITY_ID_LENGTH} characters`)
      .optional(),
    openings: z
      .string()
      .transform((names) => names.split(',').map((name) => name.trim().normalize('NFC')))
      .refine(
        (names) => names.length <= MAX_OPENINGS_PER_DEVICE && names.every(isOpeningName),
        `must be 1 to ${MAX_OPENINGS_PER_DEVICE} names with commas between, each of 1 to ${MAX_OPENING_NAME_LENGTH} characters`,
      )
      .optional(),
    scope: namesOption.optional(),
    policies: namesOption.optional(),
    ttl: durationOption(),
  })
  .refine(({ role, device }) => role === 'device' || device === undefined, {
    path: ['device'],
    message: 'is for the role device',
  })
  .refine(({ role, openings }) => role === 'device' || openings === undefined, {
    path: ['openings'],
    message: 'is for the role device',
  });

/** `npm run token`. */
export const createTokenCommand = defineCommand({
  command: 'token',
  describe: `Prints a token of this installation for a user, and nothing else.

The token is signed with the key in DATA_DIR, which is created if there is none. If AUTH_JWKS_URL names another issuer, tokens come from that issuer.

Exit codes: 0 success; 1 this installation does not issue tokens; 2 wrong usage.`,
  isReadOnly: true,
  examples: [
    ['npm run -s token -- --user ana --role customer', 'prints a token; with -s, npm prints nothing else'],
    [
      'npm run -s token -- --user ana --role device --openings front,back',
      'prints a token that can record readings of two openings',
    ],
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
      .option('device', {
        type: 'string',
        requiresArg: true,
        describe: 'Binds a token of the role device to a registered device of the user, by its id',
      })
      .option('openings', {
        type: 'string',
        requiresArg: true,
        describe: 'Binds a token of the role device to openings, with commas between their names',
      })
      .option('scope', {
        type: 'string',
        requiresArg: true,
        describe: 'Scopes of the token for @requiresScopes, with spaces between',
      })
      .option('policies', {
        type: 'string',
        requiresArg: true,
        describe: 'Policies that the token satisfies for @policy, with spaces between',
      })
      .option('ttl', {
        type: 'string',
        requiresArg: true,
        default: '1h',
        describe: 'Lifetime, such as 90s, 30m or 168h',
      }),
  options: TOKEN_OPTIONS,
  async run({ user: id, ttl, ...subject }, { settings, print }) {
    print(await issueToken(settings, { id, ...subject }, ttl));
    return EXIT_CODES.success;
  },
});
