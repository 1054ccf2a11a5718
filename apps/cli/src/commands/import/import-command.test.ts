import { expect, test } from 'vitest';
import type { CommandContext, CommandHost } from '../../command-line/command-host.js';
import { createParser } from '../../main.js';

/** Wrong options are found before the command uses its context. */
const host: CommandHost = {
  run: async (_options, work) => {
    await work({} as CommandContext);
  },
};

test.each(['soon', '2026-02-30', '2026-01-31T08:00:00', ''])(
  '--effective-from "%s" is reported once, before the file is read',
  async (time) => {
    const args = ['import', 'no-such-file.csv', '--effective-from', time];
    const parser = await createParser(args, host);
    await expect(parser.parseAsync()).rejects.toMatchObject({
      name: 'UsageError',
      message: `--effective-from must be an RFC 3339 date-time with an offset, such as 2026-01-31T08:00:00-05:00, or a date, such as 2026-01-31 (it is "${time}"). See npm run import -- --help.`,
    });
  },
);
