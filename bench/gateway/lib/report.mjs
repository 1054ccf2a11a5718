import { median, withRange } from './statistics.mjs';

/** @typedef {import('./measure.mjs').Sample} Sample */

/**
 * @param {import('../workloads.mjs').Workload} workload
 * @param {ReadonlyMap<string, readonly Sample[]>} samples by the gateway's name
 * @param {number} delayMs of the subgraphs
 */
export function report({ name, aims }, samples, delayMs) {
  const lines = [`\n${name}, subgraphs ${delayMs === 0 ? 'as fast as they are' : `that take ${delayMs} ms`}`];
  lines.push(row('', 'CPU ms a request', 'requests a second', 'p50 ms', 'p99 ms'));
  for (const [gateway, all] of samples) {
    const column = (/** @type {keyof Sample} */ key, /** @type {number} */ digits) =>
      withRange(
        all.map((each) => each[key]),
        digits,
      );
    lines.push(row(gateway, column('cpuMs', 3), column('perSecond', 0), column('p50', 1), column('p99', 1)));
  }
  for (const our of ['ours', 'executor']) {
    for (const { of, factor } of aims) {
      const [mine, theirs] = [our, of].map((each) =>
        median((samples.get(each) ?? []).map(({ cpuMs }) => cpuMs)),
      );
      if (!Number.isFinite(mine) || !Number.isFinite(theirs)) continue;
      const share = mine / theirs;
      lines.push(
        `  ${share <= factor ? 'reached' : 'MISSED '}  ${our} / ${of}: ${share.toFixed(3)}, at most ${factor.toFixed(3)}`,
      );
    }
  }
  return lines.join('\n');
}

/** @param {string} first @param {readonly string[]} rest */
const row = (first, ...rest) => [first.padEnd(12), ...rest.map((each) => each.padEnd(24))].join('').trimEnd();
