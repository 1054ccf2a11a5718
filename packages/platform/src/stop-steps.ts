/** Closes something that a service has opened. */
export type StopStep = () => void | Promise<void>;

/**
 * Runs the stop steps of a service, the last one first, and removes them. A step that fails does not keep the others from running: a
 * database must be closed although a last write to it was refused.
 * @throws the error of the first step that failed, when all have ended
 */
export async function runStopSteps(steps: StopStep[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
