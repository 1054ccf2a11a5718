import { parseArgs } from 'node:util';
import { FAULT_NAMES, type FaultName } from './faults.js';

export interface ParsedChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly FaultName[];
}

const MAX_MINUTES = 1_440;

/**
 * Parses the options of `npm run chaos`.
 * @param randomSeed is used without `--seed`
 * @returns a text that names what is wrong, if the options cannot be used
 */
export function parseChaosOptions(args: readonly string[], randomSeed: number): ParsedChaosOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: String(randomSeed) },
        minutes: { type: 'string', default: '1' },
        faults: { type: 'string', default: FAULT_NAMES.join(',') },
      },
    });
    const [seed, minutes] = [Number(values.seed), Number(values.minutes)];
    if (!/^\d{1,10}$/.test(values.seed)) return `--seed must be a whole number (it is "${values.seed}").`;
    if (!(minutes > 0 && minutes <= MAX_MINUTES))
      return `--minutes must be a number above 0 and up to ${MAX_MINUTES} (it is "${values.minutes}").`;
    const faults = values.faults.split(',').map((name) => name.trim());
    const unknown = faults.filter((name) => !isFaultName(name));
    if (unknown.length > 0)
      return `--faults has unknown names (${unknown.join(', ')}): use ${FAULT_NAMES.join(', ')}.`;
    return { seed, minutes, faults: [...new Set(faults.filter(isFaultName))] };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const isFaultName = (name: string): name is FaultName => FAULT_NAMES.some((known) => known === name);
