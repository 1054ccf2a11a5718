import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { addGatewayUrlOption, gatewayUrlOption } from '../../command-line/gateway-option.js';
import { createTextStyler } from '../../command-line/terminal.js';
import { escapeControlCharactersInLines } from '../../shared/control-characters.js';
import { collectInstallationStatus, getStatusExitCode } from './installation-status.js';
import { formatInstallationStatus } from './status-view.js';

const LIVE_INTERVAL_MS = 1_000;
/** Moves the cursor to the first line and clears the terminal below it. */
const CLEAR_TERMINAL = '\u001B[H\u001B[J';

/** `npm run status`. */
export const createStatusCommand = defineCommand({
  command: 'status',
  describe: `Prints the status of the running installation.

That is the health that heartbeat reports through the gateway, the checks of each service, its most important figures from /metrics, and whether Redis answers. It prints what it can if some of them are down. For another installation (--url) it prints the health only.

Exit codes: 0 all services are UP; 1 something is not well; 2 wrong usage, or nothing answers. With --live: of the last status.`,
  isReadOnly: true,
  examples: [
    ['npm run status -- --live', 'shows the status until Ctrl-C'],
    ['npm run -s status -- --json', 'for programs'],
  ],
  builder: (yargs) =>
    addGatewayUrlOption(
      yargs
        .option('live', { type: 'boolean', default: false, describe: 'Repeat every second, until Ctrl-C' })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'Print JSON; with --live one object per line',
        }),
    ),
  options: z.object({ live: z.boolean(), json: z.boolean(), ...gatewayUrlOption }),
  async run({ live, json, url }, context) {
    const { signal, print, env } = context;
    const style = createTextStyler(env);
    for (;;) {
      const status = await collectInstallationStatus(url, context);
      if (json) {
        // JSON.stringify leaves some control characters unescaped.
        print(escapeControlCharactersInLines(JSON.stringify(status, null, live ? 0 : 2)));
      } else {
        const heading = live ? `${process.stdout.isTTY ? CLEAR_TERMINAL : ''}${status.at}\n` : '';
        print(`${heading}${formatInstallationStatus(status, style)}`);
      }
      if (live) await sleep(LIVE_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      if (!live || signal.aborted) return getStatusExitCode(status);
    }
  },
});
