import { setTimeout as sleep } from 'node:timers/promises';
import { createPaint } from '../cli/paint.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { endpoint, URL_HELP, URL_OPTION } from '../client/endpoint.mjs';
import { gather } from './gather.mjs';
import { render } from './render.mjs';
import { verdict } from './verdict.mjs';

const usage = `npm run status -- [--live] [--json] [--url URL]

Health, lags and positions of the running installation: what the monitor says through the gateway, what each service
says of itself (at HOST and the ports of the settings), and whether Redis answers. It says what it can where some of
these are down. Of an installation elsewhere (--url) it knows what the monitor says.

  --live                 again every second, until Ctrl-C
  --json                 as JSON; with --live an object a line
${URL_HELP}

Exit codes: 0 all is UP; 1 something is not; 2 wrong usage, or nothing can be reached. With --live: of the last look.`;

const options = /** @type {const} */ ({
  live: { type: 'boolean' },
  json: { type: 'boolean' },
  ...URL_OPTION,
});

const LIVE_MS = 1_000;
/** Back to the first line, and clear what is below. */
const CLEAR = '\u001B[H\u001B[J';

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values: { live, json, url: givenUrl }, settings, signal }) {
  const url = endpoint(givenUrl, settings);
  const paint = createPaint();
  for (;;) {
    const state = await gather(url, settings);
    if (json) console.log(JSON.stringify(state, null, live ? 0 : 2));
    else if (live) console.log(`${process.stdout.isTTY ? CLEAR : ''}${state.at}\n${render(state, paint)}`);
    else console.log(render(state, paint));
    if (live) await sleep(LIVE_MS, undefined, { signal }).catch(() => undefined);
    if (!live || signal.aborted) return verdict(state);
  }
}
