import { z } from 'zod';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** Who is trusted to say who calls. The three of an OIDC issuer are given together or not at all. */
export const identitySettings = {
  /** `off`: everybody is an operator; only where nobody but this machine can call. */
  AUTH: z.enum(['required', 'off']).default('required'),
  /** Where the issuer publishes its keys. @default this installation issues tokens itself, with a key in `DATA_DIR` */
  AUTH_JWKS_URL: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'must be a URL like https://id.example.com/.well-known/jwks.json')
    .optional(),
  /** The `iss` of its tokens. */
  AUTH_ISSUER: z.string().optional(),
  /** The `aud` of its tokens that are meant for this installation. */
  AUTH_AUDIENCE: z.string().optional(),
  /** The claim that holds `customer`, `operator` or `device`. */
  AUTH_ROLE_CLAIM: z.string().default('role'),
  /** Known to the processes of this installation alone. @default one made at first start, in `DATA_DIR` */
  INSTALLATION_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** Opens `services`, `service`, `heartbeat`, the badges and `/status.json` to callers without a token. */
  PUBLIC_STATUS: flag,
};

export type IdentitySettings = z.infer<z.ZodObject<typeof identitySettings>>;
