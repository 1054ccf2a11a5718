import { expect, it } from 'vitest';
import { runAll } from './run-all.js';

it('returns the results in their order', async () => {
  const [number, text, nothing] = await runAll([Promise.resolve(1), 'text', undefined]);
  expect([number, text, nothing]).toEqual([1, 'text', undefined]);
});

it('throws the first error when everything has ended', async () => {
  const log: string[] = [];
  let endLast: () => void = () => undefined;
  const last = new Promise<void>((resolve) => (endLast = resolve)).then(() => void log.push('last'));
  const failed = runAll([last, Promise.reject(new Error('the first'))]).catch((error: unknown) =>
    log.push(String(error)),
  );
  // Enough turns for a rejection that does not wait.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  endLast();
  await failed;
  expect(log).toEqual(['last', 'Error: the first']);
});

it('throws the first error, not that of the first statement', async () => {
  const later = Promise.resolve().then(() => Promise.reject(new Error('later')));
  await expect(runAll([later, Promise.reject(new Error('earlier'))])).rejects.toThrow('earlier');
});
