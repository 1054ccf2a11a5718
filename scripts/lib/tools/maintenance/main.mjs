import { installationHeaders } from '../../identity.mjs';
import { localAddress } from '../../settings.mjs';
import { EXIT, UsageError } from '../cli/exit.mjs';
import { runTool } from '../cli/run-tool.mjs';
import { createMonitorClient } from './monitor-client.mjs';
import { readUntil } from './read-until.mjs';
import { sentence } from './sentence.mjs';

const usage = `npm run maintenance -- SERVICE on --reason TEXT [--until T]
npm run maintenance -- SERVICE off
npm run maintenance

Takes a service out of service, and back: it is MAINTENANCE for all who watch, whatever its processes do, and that time
counts neither as up nor as down. It stays so when the monitor is started again. Without arguments: what is in
maintenance now.

  --reason TEXT   why, for those who watch: 1 to 500 characters
  --until T       when it ends by itself: a time such as 2026-01-31T08:00:00-05:00, or how long from now: 90m, 2h, 3d;
                  at most 400 days ahead

The monitor is reached at HOST and HEARTBEAT_PORT, from the environment or .env.

Exit codes: 0 done; 1 refused; 2 wrong usage, or a monitor that does not answer.`;

const options = /** @type {const} */ ({ reason: { type: 'string' }, until: { type: 'string' } });

/** @param {string[]} args */
export const main = (args) => runTool({ usage, options, positionals: args.length === 0 ? 0 : 2, run }, args);

/** @param {import('../cli/run-tool.mjs').Given<typeof options>} given */
async function run({ values: { reason, until }, positionals: [service, action], settings, signal }) {
  const address = localAddress(settings.host, settings.ports['HEARTBEAT_PORT'] ?? '');
  const monitor = createMonitorClient(`http://${address}`, {
    headers: await installationHeaders(settings),
    signal,
  });
  if (service === undefined) {
    const present = await monitor.list();
    console.log(present.map(sentence).join('\n') || 'Nothing is in maintenance.');
  } else if (action === 'on') {
    if (reason === undefined) throw new UsageError('on needs --reason TEXT: see --help.');
    console.log(sentence(await monitor.takeOut(service, { reason, until: readUntil(until, Date.now()) })));
  } else if (action === 'off') {
    if (until !== undefined) throw new UsageError('off takes no --until: it is done at once.');
    await monitor.takeBack(service);
    console.log(`${service} is no longer in maintenance.`);
  } else {
    throw new UsageError(`A service is taken on or off, not "${action ?? ''}": see --help.`);
  }
  return EXIT.well;
}
