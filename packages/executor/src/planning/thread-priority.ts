import { constants, getPriority, setPriority } from 'node:os';

/** How much less processor time than the main thread the worker gets on a busy machine: known operations do not wait for new ones. */
const NICENESS_STEP = 5;

/**
 * Gives the current thread less processor time than others. Without the right to, as in some sandboxes, it keeps its priority.
 * @param setNiceness for tests
 */
export function lowerThreadPriority(setNiceness: (niceness: number) => void = setPriority): void {
  // On other systems, it would be the priority of the process.
  if (process.platform !== 'linux') return;
  try {
    setNiceness(Math.min(getPriority() + NICENESS_STEP, constants.priority.PRIORITY_LOW));
  } catch {
    // Planning works nevertheless.
  }
}
