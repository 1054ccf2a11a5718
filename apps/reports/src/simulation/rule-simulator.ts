import { formatInstant } from '@seguridad-abc/contracts';
import { createInputError, type RequestCaller } from '../access/caller-access.js';
import type { CalendarQueries } from '../calendars/calendar-queries.js';
import type { ProjectedExceptionRepository } from '../exceptions/exception-repository.js';
import type { OpeningReader } from '../openings/opening-repository.js';
import {
  checkRuleSimulation,
  UNKNOWN_CALENDAR_FAULT,
  type RuleSimulationArgs,
  type RuleSimulationRequest,
} from './rule-simulation-request.js';
import {
  startRuleSimulation,
  type RuleSimulation,
  type RuleSimulationResult,
  type SimulationNeeds,
  type SimulationSurroundings,
} from './rule-simulation.js';

/**
 * Simulates a rule on the recorded readings.
 * @throws ExpectedError BAD_USER_INPUT with every fault; FORBIDDEN if the rule is for a user that the caller may not access
 */
export type RuleSimulator = (args: RuleSimulationArgs) => Promise<RuleSimulationResult>;

/** Where a simulation finds the records of its opening. */
export interface SimulationSources {
  readonly openings: Pick<OpeningReader, 'findIntervals' | 'findHeardInstants'>;
  readonly exceptions: Pick<ProjectedExceptionRepository, 'findByOpening'>;
  readonly calendars: Pick<CalendarQueries, 'findEntity' | 'loadDates'>;
}

/** Intervals on which a rule is simulated before other requests get a turn. They take about 10 ms. */
const INTERVALS_PER_TURN = 500;
/** Instants at which the opening was heard that take as long to read. */
const HEARD_INSTANTS_PER_TURN = 5_000;
/** Days whose windows take as long. */
const OPENINGS_PER_TURN_MS = 31 * 24 * 60 * 60 * 1_000;
/** A statement costs as much as the simulation of this many intervals. */
const MIN_INTERVALS_PER_STATEMENT = 20;

/** @param now returns the current instant in ms since 1970 */
export function createRuleSimulator(
  { openings, exceptions, calendars }: SimulationSources,
  { caller, budget }: Pick<RequestCaller, 'caller' | 'budget'>,
  now: () => number,
): RuleSimulator {
  /** @param intervals what the last turn has cost. A simulation costs something even if the opening has no records */
  const spend = (intervals: number) =>
    budget.spendSimulatedIntervals(Math.max(Math.ceil(intervals), MIN_INTERVALS_PER_STATEMENT));

  const findCalendarDates = async ({ userId, conditions: { calendarId } }: RuleSimulationRequest) => {
    if (calendarId === null) return null;
    const calendar = await calendars.findEntity(calendarId);
    if (calendar?.userId !== userId || calendar.deletedAt !== null)
      throw createInputError([UNKNOWN_CALENDAR_FAULT]);
    return calendars.loadDates(calendarId);
  };

  const findExceptions = async ({ userId, opening, from, to }: RuleSimulationRequest) => {
    // One more than allowed shows that the budget is exceeded.
    const limit = budget.remainingRows + 1;
    const found = await exceptions.findByOpening({ userId, opening, from, to, limit });
    await budget.spendReadRows(found.length);
    return found;
  };

  const addIntervals = async (
    simulation: RuleSimulation,
    { userId, opening }: RuleSimulationRequest,
    { signal, from, until }: SimulationNeeds['intervals'][number],
  ) => {
    const { costPerInterval } = simulation.needs;
    const limit = Math.ceil(INTERVALS_PER_TURN / costPerInterval);
    const selection = { userId, opening, signal, from: formatInstant(from), to: formatInstant(until), limit };
    let after: string | undefined;
    for (;;) {
      // Simulations of one request take turns too: none of them starts before the budget allows it.
      await budget.takeTurn();
      const intervals = await openings.findIntervals({ ...selection, after });
      await spend(intervals.length * costPerInterval);
      simulation.addIntervals(signal, intervals);
      after = intervals.at(-1)?.startedAt;
      if (intervals.length < limit) return;
    }
  };

  const addSilences = async (
    simulation: RuleSimulation,
    { userId, opening }: RuleSimulationRequest,
    { from, until }: NonNullable<SimulationNeeds['heardInstants']>,
    to: number,
  ) => {
    const { costPerInterval } = simulation.needs;
    const silencesPerTurn = Math.ceil(INTERVALS_PER_TURN / costPerInterval);
    const selection = { userId, opening, from, to, limit: HEARD_INSTANTS_PER_TURN };
    let after: number | undefined;
    for (;;) {
      await budget.takeTurn();
      const instants = await openings.findHeardInstants({ ...selection, after });
      await spend((instants.length / HEARD_INSTANTS_PER_TURN) * INTERVALS_PER_TURN);
      const silences = simulation.findSilences(instants);
      for (let start = 0; start < silences.length; start += silencesPerTurn) {
        const some = silences.slice(start, start + silencesPerTurn);
        await budget.takeTurn();
        await spend(some.length * costPerInterval);
        simulation.addSilences(some);
      }
      after = instants.at(-1);
      if (instants.length < HEARD_INSTANTS_PER_TURN || (after ?? 0) >= until) return;
    }
  };

  const checkOpenings = async (
    simulation: RuleSimulation,
    { from, until }: NonNullable<SimulationNeeds['openings']>,
  ) => {
    const sliceMs = Math.ceil(OPENINGS_PER_TURN_MS / simulation.needs.costPerInterval);
    for (let sliceFrom = from; sliceFrom < until; sliceFrom += sliceMs) {
      await budget.takeTurn();
      await spend(simulation.checkOpenings(sliceFrom, Math.min(sliceFrom + sliceMs, until)));
    }
  };

  return async (args) => {
    await budget.checkLifetime();
    const checked = checkRuleSimulation(args, caller);
    if ('faults' in checked) throw createInputError(checked.faults);
    const request = checked.value;
    const surroundings: SimulationSurroundings = {
      calendarDates: await findCalendarDates(request),
      exceptions: await findExceptions(request),
    };
    const at = now();
    const simulation = startRuleSimulation(request, surroundings, at);
    const { needs } = simulation;
    for (const each of needs.intervals) await addIntervals(simulation, request, each);
    // A reading that is early takes effect later.
    if (needs.heardInstants) await addSilences(simulation, request, needs.heardInstants, at);
    if (needs.openings) await checkOpenings(simulation, needs.openings);
    return simulation.getResult();
  };
}
