// The gateway beside others, over the same subgraphs: CPU, requests a second and latencies.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HERE));
const NAMES = 'ours,executor,stock,hive,hive-rust,mercurius,proxy';

const usage = `node bench/gateway/run.mjs [--rounds 5] [--scale 1] [--gateways ${NAMES}] [--only WORKLOAD] [--delays 0,4]
Installs the peers in bench/gateway (once), builds ours, starts subgraphs and gateways on loopback, compares their answers
with right ones, and lets those that are right answer the same requests in turn; who answers a workload wrongly is left
out of it. --scale multiplies the requests a round;
--only takes workloads by a part of their name; --delays are what subgraphs take, in milliseconds. Exit code 1 where a
gateway did not start or answered wrongly.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    gateways: { type: 'string', default: NAMES },
    only: { type: 'string' },
    delays: { type: 'string', default: '0,4' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** @param {string} folder @param {readonly string[]} args of npm */
function npm(folder, ...args) {
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}.`);
}

async function main() {
  if (!existsSync(join(HERE, 'node_modules'))) npm(HERE, 'install', '--loglevel=error');
  npm(ROOT, 'exec', '--', 'turbo', 'run', 'build', '--filter=@seguridad-abc/gateway');
  // Only now is there what it imports.
  const { bench } = await import('./lib/bench.mjs');
  const allRight = await bench({
    rounds: Number(values.rounds),
    scale: Number(values.scale),
    names: values.gateways.split(','),
    only: values.only,
    delays: values.delays.split(',').map(Number),
  });
  if (!allRight) process.exitCode = 1;
}

if (values.help === true) console.log(usage);
else await main();
