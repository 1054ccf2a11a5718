import { expect, test } from 'vitest';
import { delegateCalls } from './delegated-calls.js';

const createTarget = (name: string, error?: Error) => ({
  read: (key: string) => (error ? Promise.reject(error) : Promise.resolve(`${name} ${key}`)),
});
const DAMAGE = new Error('damaged');

test('each call goes to the target of that moment', async () => {
  let target = createTarget('old');
  const delegated = delegateCalls(
    () => target,
    (error) => error,
  );
  const { read } = delegated;
  expect(await read('a')).toBe('old a');
  target = createTarget('new');
  expect(await read('a')).toBe('new a');
});

test('an error is mapped, or the call is repeated once on the new target', async () => {
  let target = createTarget('old', DAMAGE);
  const mapped = delegateCalls(
    () => target,
    () => new Error('mapped'),
  );
  await expect(mapped.read('a')).rejects.toThrow('mapped');
  const repeated = delegateCalls(
    () => target,
    () => void (target = createTarget('new')),
  );
  expect(await repeated.read('a')).toBe('new a');
  target = createTarget('old', DAMAGE);
  const hopeless = delegateCalls(
    () => target,
    () => undefined,
  );
  await expect(hopeless.read('a')).rejects.toBe(DAMAGE);
});
