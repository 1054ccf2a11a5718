import { expect, test } from 'vitest';
import { runStopSteps, type StopStep } from './stop-steps.js';

test('all steps run in reverse order, also after one that fails, and the first error is thrown at the end', async () => {
  const ended: string[] = [];
  const steps: StopStep[] = [
    () => void ended.push('database'),
    () => Promise.reject(new Error('second')),
    async () => {
      await Promise.resolve();
      ended.push('server');
      throw new Error('first');
    },
  ];
  await expect(runStopSteps(steps)).rejects.toThrow('first');
  expect(ended).toEqual(['server', 'database']);
  // A second stop has nothing to do.
  await runStopSteps(steps);
  expect(ended).toHaveLength(2);
});
