import { EXIT } from '../cli/exit.mjs';
import { createProgress } from '../cli/progress.mjs';
import { cleanUp } from './clean-up.mjs';
import { mix } from './mix.mjs';
import { runRound } from './round.mjs';
import { resultTable, wrongLines } from './summary.mjs';

/**
 * One round, and its table.
 *
 * @param {import('./plan.mjs').Plan} plan
 * @returns {Promise<number>} the exit code
 */
export async function probeOnce({ client, count, concurrency, random, userId, signal }) {
  const progress = createProgress();
  const round = await runRound(client, mix(count, { random, userId, from: 1 }), {
    concurrency,
    signal,
    onProgress: (done) => progress.update(`${done} of ${count} probes`),
  });
  progress.update('Deleting the rules');
  const left = await cleanUp(client, userId, round);
  progress.end();

  console.log(resultTable(round.results));
  const wrong = wrongLines(round.results);
  console.log(wrong.length > 0 ? ['Wrong:', ...wrong].join('\n') : 'Every answer was right.');
  if (left !== undefined) console.error(`Not deleted: ${left}.`);
  signal.throwIfAborted();
  return wrong.length > 0 || left !== undefined ? EXIT.wrong : EXIT.well;
}
