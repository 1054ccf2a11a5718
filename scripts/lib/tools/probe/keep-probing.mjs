import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../cli/exit.mjs';
import { beat } from './beating.mjs';
import { cleanUp } from './clean-up.mjs';
import { mix } from './mix.mjs';
import { runRound } from './round.mjs';
import { roundLine, wrongLines } from './summary.mjs';

/**
 * A round again and again, a line each, until it is told to stop. Beats meanwhile.
 *
 * @param {import('./plan.mjs').Plan} plan
 * @param {{ head: string, everyMs: number, settings: import('../../settings.mjs').Settings }} options
 * @returns {Promise<number>} the exit code
 */
export async function keepProbing(plan, { head, everyMs, settings }) {
  const { client, count, concurrency, random, userId, signal } = plan;
  /** @type {string | undefined} */
  let trouble;
  let code = EXIT.well;
  /** Whether an earlier round may have left rules. */
  let mayBeLeft = false;
  const goodbye = await beat(settings, () => trouble);
  console.log(head);
  try {
    for (let from = 1; !signal.aborted; from += count) {
      const began = performance.now();
      const round = await runRound(client, mix(count, { random, userId, from }), { concurrency, signal });
      const left = await cleanUp(client, userId, { ...round, unsure: round.unsure || mayBeLeft });
      mayBeLeft = left !== undefined;
      const wrong = [...wrongLines(round.results), ...(left === undefined ? [] : [`not deleted: ${left}`])];
      const others = wrong.length > 1 ? ` (and ${wrong.length - 1} other kinds of faults)` : '';
      trouble = wrong[0] === undefined ? undefined : `in its last round ${wrong[0]}${others}`;
      if (trouble !== undefined) code = EXIT.wrong;
      console.log([`${new Date().toISOString()} ${roundLine(round.results)}`, ...wrong].join('\n  '));
      const rest = Math.max(0, everyMs - (performance.now() - began));
      await sleep(rest, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await goodbye();
  }
  return code;
}
