// This file is loaded before the dependencies are installed, so its static imports need none.
import { runTool } from '../../cli/run-tool.mjs';
import { createTextStyler } from '../../cli/terminal.mjs';
import { buildServices } from '../../install/build-services.mjs';
import { ensureDependencies } from '../../install/dependencies.mjs';
import { ensureRedisProgram } from '../../install/redis-program.mjs';
import { EXIT_CODES } from '../../shared/errors.mjs';
import { createNarrator } from './narrator.mjs';

const usage = `npm run demo

Shows what the product does, in under a minute (after installing and building, if needed). It runs a separate platform
with free ports, its own Redis and temporary data, all of which it removes at the end. A client subscribes to health; the
rules of examples/rules.csv are imported and read; a day of examples/openings.csv is replayed while its alarms arrive
live, and one alarm is acknowledged; reports is killed, becomes LATE and DOWN, starts again and becomes UP.

Exit codes: 0 every step succeeded; 1 a step failed or took too long; 2 wrong usage; 130 interrupted.`;

/** @param {string[]} args */
export const runDemoCommand = (args) => runTool({ usage, options: {}, run }, args);

/** @param {import('../../cli/run-tool.mjs').ToolContext<{}>} context */
async function run({ signal }) {
  const log = (/** @type {string} */ line) => console.error(line);
  await ensureDependencies({ log, signal });
  const redisProgram = await ensureRedisProgram({ log, signal });
  await buildServices({ log, signal });
  const { runDemoStory } = await import('./demo-story.mjs');
  const narrator = createNarrator({ write: (line) => console.log(line) });
  await runDemoStory(redisProgram, { narrator, style: createTextStyler(), signal });
  return EXIT_CODES.success;
}
