import { setTimeout as sleep } from 'node:timers/promises';
import { runTool } from '../../cli/run-tool.mjs';
import { createTextStyler } from '../../cli/terminal.mjs';
import { resolveGatewayUrl, GATEWAY_URL_HELP, GATEWAY_URL_OPTION } from '../../graphql/graphql-client.mjs';
import { collectInstallationStatus, getStatusExitCode } from './installation-status.mjs';
import { formatInstallationStatus } from './status-view.mjs';

const usage = `npm run status -- [--live] [--json] [--url URL]

Prints the status of the running installation: the health that heartbeat reports through the gateway, the checks, lags and
positions of each service (at HOST and the ports of the settings), and whether Redis answers. It prints what it can if
some of them are down. For another installation (--url) it prints the health only.

  --live                 repeat every second, until Ctrl-C
  --json                 print JSON; with --live one object per line
${GATEWAY_URL_HELP}

Exit codes: 0 all services are UP; 1 something is not well; 2 wrong usage, or nothing answers. With --live: of the last
status.`;

const options = /** @type {const} */ ({
  live: { type: 'boolean' },
  json: { type: 'boolean' },
  ...GATEWAY_URL_OPTION,
});

const LIVE_INTERVAL_MS = 1_000;
/** Moves the cursor to the first line and clears the terminal below it. */
const CLEAR_TERMINAL = '\u001B[H\u001B[J';

/** @param {string[]} args */
export const runStatusCommand = (args) => runTool({ usage, options, run }, args);

/** @param {import('../../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values: { live, json, url: urlOption }, settings, signal }) {
  const url = resolveGatewayUrl(urlOption, settings);
  const style = createTextStyler();
  for (;;) {
    const status = await collectInstallationStatus(url, settings);
    if (json) {
      console.log(JSON.stringify(status, null, live ? 0 : 2));
    } else {
      const heading = live ? `${process.stdout.isTTY ? CLEAR_TERMINAL : ''}${status.at}\n` : '';
      console.log(`${heading}${formatInstallationStatus(status, style)}`);
    }
    if (live) await sleep(LIVE_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    if (!live || signal.aborted) return getStatusExitCode(status);
  }
}
