// npm run chaos -- [--seed N] [--minutes M] [--faults a,b]
import { randomInt } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseChaosOptions } from './chaos-options.js';
import { runChaos } from './run-chaos.js';
import { formatVerdict } from './verdict.js';

const MAX_SEED = 2 ** 31;

const options = parseChaosOptions(process.argv.slice(2), randomInt(MAX_SEED));
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`);
  process.exitCode = 2;
} else {
  const { history, checks, output } = await runChaos({
    ...options,
    log: (text) => void process.stdout.write(`${text}\n`),
  });
  process.stdout.write(`\n${formatVerdict(checks)}\n`);
  if (checks.some(({ violations }) => violations.length > 0)) {
    const folder = mkdtempSync(join(tmpdir(), `chaos-${options.seed}-`));
    writeFileSync(join(folder, 'history.json'), JSON.stringify(history, undefined, 1));
    writeFileSync(join(folder, 'output.log'), output);
    process.stdout.write(
      `\nThe history and the output of the services are in ${folder}. Repeat with --seed ${options.seed} --minutes ${options.minutes} --faults ${options.faults.join(',')}\n`,
    );
    process.exitCode = 1;
  }
}
