// What is loaded here before the dependencies are there must need none.
import { Failure } from '../../failure.mjs';
import { start } from '../../start.mjs';
import { exitCodeOf } from '../cli/exit.mjs';
import { parseTool } from '../cli/parse-tool.mjs';
import { rebuildOnChange } from './rebuild-on-change.mjs';

const usage = `npm run dev

As npm start, and when a source file, a schema or supergraph.yaml changes, what is made of it is built, and the services
concerned start again. Where it cannot be built they run on as they are. Tests are no reason. New migrations are made by
npm run generate.

Exit codes: as npm start's; 2 wrong usage.`;

/** @param {string[]} args */
export async function main(args) {
  try {
    if (parseTool({ usage, options: {} }, args)) await start({ untilStop: rebuildOnChange });
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    process.exitCode = exitCodeOf(error);
  }
}
