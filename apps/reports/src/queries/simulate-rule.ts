import type { Actor } from '@seguridad-abc/contracts';
import { simulate, type RuleSimulation } from '../domain/simulate.js';
import { checkSimulation, type SimulationArgs } from '../domain/simulation.js';
import { asError } from './access.js';
import type { OpeningReader } from './opening-reader.js';

/** @throws ExpectedError BAD_USER_INPUT with every fault; FORBIDDEN where the rule is of another user */
export type SimulateRule = (args: SimulationArgs) => Promise<RuleSimulation>;

export const createSimulateRule =
  (reader: Pick<OpeningReader, 'intervals'>, caller: Actor, now: () => number): SimulateRule =>
  async (args) => {
    const checked = checkSimulation(args, caller);
    if ('faults' in checked) throw asError(checked.faults);
    const { userId, opening, from, to } = checked.value;
    return simulate(checked.value, await reader.intervals(userId, opening, from, to), now());
  };
