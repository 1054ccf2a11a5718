/** On a machine without free CPU time, a plan is stopped after this many times its limit. */
const MAX_ELAPSED_RATIO = 5;

/**
 * Returns the milliseconds after which a plan is stopped; 0 or less if it must be stopped now. The limit holds for the time since
 * the start of the plan and for the CPU time that the process has used since then: on a machine that other processes keep busy, a
 * small plan can wait longer for the CPU than a large one may take.
 * @param limitMs the time limit of a plan
 * @param elapsedMs time since the start of the plan
 * @param cpuMs CPU time that all threads of the process have used since the start of the plan; at least that of the plan
 */
export function getRemainingPlanningMs(limitMs: number, elapsedMs: number, cpuMs: number): number {
  const remainingMs = limitMs - Math.min(elapsedMs, cpuMs);
  return Math.min(remainingMs, MAX_ELAPSED_RATIO * limitMs - elapsedMs);
}
