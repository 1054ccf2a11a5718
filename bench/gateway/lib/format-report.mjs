import { computeMedian, formatMedianWithRange } from '../../lib/statistics.mjs';

/** @typedef {import('./measure-workload.mjs').RoundSample} RoundSample */

/** The gateways of this project, which have performance targets. */
const OWN_GATEWAYS = ['ours', 'executor'];
/** The gateway as built in another checkout. */
const BASELINE = 'baseline';

/**
 * Formats the results of one workload as a table, followed by the targets and whether they are met.
 * @param {import('../workloads.mjs').Workload} workload
 * @param {ReadonlyMap<string, readonly RoundSample[]>} samples by gateway name
 * @param {number} delayMs of the subgraphs
 */
export function formatReport({ name, targets }, samples, delayMs) {
  const lines = [`\n${name}, subgraph delay ${delayMs} ms`];
  lines.push(formatRow('', 'CPU ms per request', 'requests per second', 'p50 ms', 'p99 ms'));
  for (const [gateway, rounds] of samples) {
    const column = (/** @type {keyof RoundSample} */ key, /** @type {number} */ digits) =>
      formatMedianWithRange(
        rounds.map((round) => round[key]),
        digits,
      );
    lines.push(
      formatRow(gateway, column('cpuMs', 3), column('perSecond', 0), column('p50', 1), column('p99', 1)),
    );
  }
  const baselineRounds = samples.get(BASELINE) ?? [];
  // Other load of the machine changes between rounds. It changes the two gateways of one round alike.
  const ratios = (samples.get('ours') ?? []).flatMap(({ cpuMs }, round) => {
    const baseline = baselineRounds[round];
    return baseline ? [cpuMs / baseline.cpuMs] : [];
  });
  if (ratios.length > 0)
    lines.push(`  CPU, ours / ${BASELINE} by round: ${formatMedianWithRange(ratios, 2)}`);
  const getMedianCpu = (/** @type {string} */ gateway) =>
    computeMedian((samples.get(gateway) ?? []).map(({ cpuMs }) => cpuMs));
  for (const own of OWN_GATEWAYS) {
    for (const { peer, maxCpuRatio } of targets) {
      const ratio = getMedianCpu(own) / getMedianCpu(peer);
      if (!Number.isFinite(ratio)) continue;
      const result = ratio <= maxCpuRatio ? 'met   ' : 'MISSED';
      lines.push(
        `  ${result}  ${own} / ${peer}: ${ratio.toFixed(3)}, target at most ${maxCpuRatio.toFixed(3)}`,
      );
    }
  }
  return lines.join('\n');
}

/** @param {string} first @param {readonly string[]} rest */
const formatRow = (first, ...rest) =>
  [first.padEnd(12), ...rest.map((cell) => cell.padEnd(24))].join('').trimEnd();
