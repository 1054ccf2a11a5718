import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { createTextStyler } from '../../command-line/terminal.js';
import { EXIT_CODES } from '../../shared/errors.js';
import { ensureRedisProgram } from '../../start/redis/redis-program.js';
import { runDemoStory } from './demo-story.js';
import { createNarrator } from './narrator.js';

/** `npm run demo`. */
export const createDemoCommand = defineCommand({
  command: 'demo',
  describe: `Shows what the product does, in under a minute (after installing and building, if needed).

It runs a separate platform with free ports, its own Redis and temporary data, all of which it removes at the end. A client subscribes to health; the rules of examples/rules.csv are imported and read; a day of examples/openings.csv is replayed while its alarms arrive live, and one alarm is acknowledged; reports is killed, becomes LATE and DOWN, starts again and becomes UP.

Exit codes: 0 every step succeeded; 1 a step failed or took too long; 2 wrong usage; 130 interrupted.`,
  isReadOnly: false,
  examples: [['npm run demo', '']],
  builder: (yargs) => yargs,
  options: z.object({}),
  async run(_options, { env, signal, print, warn }) {
    await runDemoStory(await ensureRedisProgram({ log: warn, signal }), {
      narrator: createNarrator({ write: print }),
      style: createTextStyler(env),
      signal,
    });
    return EXIT_CODES.success;
  },
});
