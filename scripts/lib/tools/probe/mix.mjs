import { KINDS } from './kinds.mjs';

/** @typedef {{ kind: import('./kinds.mjs').Kind, input: import('./kinds.mjs').Input }} Probe */

const WEIGHT = KINDS.reduce((sum, { weight }) => sum + weight, 0);
const OPENINGS = /** @type {const} */ (['Front door', 'Back door', 'Kitchen window', 'Fridge', 'Safe']);
const ZONES = /** @type {const} */ (['America/Bogota', 'Europe/Madrid', 'Asia/Kathmandu']);
const LIMITS = /** @type {const} */ ([
  { maxOpenSeconds: 20 },
  { opensAt: '08:00', closesAt: '18:00' },
  { opensAt: '22:00', closesAt: '06:00', days: ['FRIDAY', 'SATURDAY'], maxOpenSeconds: 600 },
]);

/**
 * Probes in a random mix.
 *
 * @param {number} count
 * @param {{ random: import('./random.mjs').Random, userId: string, from: number }} options `from` numbers the first, so
 *   that no two of a user's rules have the same name
 * @returns {Probe[]}
 */
export const mix = (count, { random, userId, from }) =>
  Array.from({ length: count }, (_, index) => ({
    kind: pickKind(random),
    input: {
      userId,
      name: `Probe ${from + index}`,
      opening: random.pick(OPENINGS),
      timeZone: random.pick(ZONES),
      ...random.pick(LIMITS),
    },
  }));

/** @param {import('./random.mjs').Random} random */
function pickKind(random) {
  let at = random.whole(WEIGHT);
  return KINDS.find(({ weight }) => (at -= weight) < 0) ?? KINDS[0];
}
