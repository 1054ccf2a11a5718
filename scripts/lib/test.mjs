import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { run } from './command.mjs';
import { Failure } from './failure.mjs';
import { ensureDependencies } from './install/dependencies.mjs';
import { npm } from './install/npm.mjs';
import { Interrupted, interrupts } from './interrupts.mjs';
import { ROOT } from './root.mjs';
import { ensureRedisProgram } from './redis/program.mjs';
import { parseTestArguments } from './testing/arguments.mjs';
import { ensureChromium } from './testing/chromium.mjs';
import { addCheck, countsLine, noCounts, readCounts } from './testing/counts.mjs';
import { startTestRedis } from './testing/redis.mjs';

/**
 * Everything from a fresh clone to a verdict: the exit code, and a last line with the counts. The line is also written
 * to the file that TEST_COUNTS_FILE names.
 *
 * @param {readonly string[]} args
 */
export async function test(args) {
  const { first: signal } = interrupts();
  const say = (/** @type {string} */ text) => console.log(text);
  const scratch = mkdtempSync(join(tmpdir(), 'seguridad-abc-test-'));
  let counts = noCounts;
  try {
    process.chdir(ROOT);
    const { projects, vitestArgs } = parseTestArguments(args);
    await ensureDependencies({ say, signal });
    const redisProgram = await ensureRedisProgram({ say, signal });
    const browser = needsBrowser(projects) ? await ensureChromium({ say, signal }) : undefined;
    await build({ say, signal });

    const checked =
      projects.length > 0 ? undefined : (await npm(['run', 'check'], { signal, show: true })).code === 0;
    const redis = await startTestRedis(redisProgram, scratch, signal);
    try {
      const report = join(scratch, 'report.json');
      const { code } = await run(
        process.execPath,
        [
          join('node_modules', 'vitest', 'vitest.mjs'),
          'run',
          ...projects.map((name) => `--project=${name}`),
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${report}`,
          ...vitestArgs,
        ],
        { signal, show: true, env: { TEST_REDIS_URL: redis.url, PATH: redis.path, CHROMIUM: browser } },
      );
      counts = readCounts(report, code);
    } finally {
      await redis.stop();
    }
    if (checked !== undefined) counts = addCheck(counts, checked);
  } catch (error) {
    if (!(error instanceof Interrupted)) console.error(error instanceof Failure ? error.message : error);
    counts = { ...counts, failed: counts.failed + 1 };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const line = countsLine(counts);
  console.log(line);
  const file = process.env['TEST_COUNTS_FILE'];
  if (file) writeFileSync(file, `${line}\n`);
  process.exit(counts.failed > 0 ? 1 : 0);
}

/** @param {readonly string[]} projects that were asked for; none: all of them */
const needsBrowser = (projects) => projects.length === 0 || projects.includes('e2e');
