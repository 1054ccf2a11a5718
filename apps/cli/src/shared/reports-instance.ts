import { z } from 'zod';

/** The option `--instance` of commands that address one instance of reports, for yargs. */
export const REPORTS_INSTANCE_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: 'Base URL of an instance of reports, if there are several',
} as const;

/** The value of {@link REPORTS_INSTANCE_OPTION}: the origin of the instance. */
export const reportsInstanceValue = z
  .url({ protocol: /^https?$/, error: 'must be a base URL like http://reports-2:4002' })
  .transform((url) => new URL(url).origin)
  .optional();
