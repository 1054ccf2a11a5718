// Compares the gateway with others on the same subgraphs: CPU, requests per second and latency.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HERE));
/** The gateway, and the package whose statistics the benchmarks share. */
const BUILD_FILTERS = ['--filter=@seguridad-abc/gateway', '--filter=@seguridad-abc/cli'];
const DEFAULT_GATEWAYS = 'ours,executor,stock,hive,hive-rust,mercurius,proxy';

const USAGE = `node bench/gateway/run.mjs [--rounds 5] [--scale 1] [--gateways ${DEFAULT_GATEWAYS}] [--only WORKLOAD] [--delays 0,4] [--steady]
Installs the other gateways in bench/gateway (once), builds ours, and starts subgraphs and gateways on loopback. Compares the
responses of each gateway with correct ones. Then sends the same requests to each gateway in turn; a gateway with wrong
responses to a workload does not take part in it.
--gateways  also: baseline, our gateway as built in the checkout that BENCH_BASELINE names, for before and after in one run;
            traced and sampled, our gateway with all traces, or one in 100, exported
--scale     factor for the number of requests in each round
--only      runs only workloads whose name contains this text
--delays    delays of the subgraphs in milliseconds; all workloads run with each
--steady    measures instead how new documents delay a steady load of a known one
Exit code 1 if a gateway did not start or responded wrongly.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    gateways: { type: 'string', default: DEFAULT_GATEWAYS },
    only: { type: 'string' },
    delays: { type: 'string', default: '0,4' },
    steady: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

/** @param {string} folder @param {readonly string[]} args of npm */
function runNpm(folder, ...args) {
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}. Its output is above.`);
}

async function main() {
  if (!existsSync(join(HERE, 'node_modules'))) runNpm(HERE, 'install', '--loglevel=error');
  runNpm(ROOT, 'exec', '--', 'turbo', 'run', 'build', ...BUILD_FILTERS);
  // Imported here, because its dependencies are installed above.
  const { compareGateways } = await import('./lib/compare-gateways.mjs');
  const isAllCorrect = await compareGateways({
    rounds: Number(values.rounds),
    scale: Number(values.scale),
    names: values.gateways.split(','),
    only: values.only,
    delays: values.delays.split(',').map(Number),
    steady: values.steady,
  });
  if (!isAllCorrect) process.exitCode = 1;
}

if (values.help === true) console.log(USAGE);
else await main();
