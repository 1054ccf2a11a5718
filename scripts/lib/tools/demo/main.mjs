// What is loaded here before the dependencies are there must need none.
import { build } from '../../build.mjs';
import { ensureDependencies } from '../../install/dependencies.mjs';
import { ensureRedisProgram } from '../../redis/program.mjs';
import { EXIT } from '../cli/exit.mjs';
import { createPaint } from '../cli/paint.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { createNarrator } from './narrator.mjs';

const usage = `npm run demo

The main job as a story, in under a minute (after installing and building, where that is due), on a platform of its own:
free ports, a Redis and data that are removed at the end. A client watches health; the rules of examples/rules.csv are
imported and read back; a day of examples/openings.csv is replayed, its alarms arrive live, and one is acknowledged; reports is
killed and seen going LATE and DOWN, started again and seen UP.

Exit codes: 0 all happened as told; 1 something did not, or not in time; 2 wrong usage; 130 interrupted.`;

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options: {}, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<{}>} given */
async function run({ signal }) {
  const say = (/** @type {string} */ line) => console.error(line);
  await ensureDependencies({ say, signal });
  const redisProgram = await ensureRedisProgram({ say, signal });
  await build({ say, signal });
  const { tellStory } = await import('./story.mjs');
  const narrator = createNarrator({ write: (line) => console.log(line) });
  await tellStory(redisProgram, { narrator, paint: createPaint(), signal });
  return EXIT.well;
}
