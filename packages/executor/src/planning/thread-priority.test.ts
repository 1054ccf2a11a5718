import { getPriority } from 'node:os';
import { expect, it, vi } from 'vitest';
import { lowerThreadPriority } from './thread-priority.js';

it('lowers the priority on Linux', () => {
  const setNiceness = vi.fn<(niceness: number) => void>();
  lowerThreadPriority(setNiceness);
  const expected = process.platform === 'linux' ? [[Math.min(getPriority() + 5, 19)]] : [];
  expect(setNiceness.mock.calls).toEqual(expected);
});

it('goes on where that is forbidden, as by SystemCallFilter of systemd', () => {
  const refuse = vi.fn(() => {
    throw new Error('A system error occurred: uv_os_setpriority returned EPERM (operation not permitted)');
  });
  expect(() => lowerThreadPriority(refuse)).not.toThrow();
  expect(refuse).toHaveBeenCalledTimes(process.platform === 'linux' ? 1 : 0);
});
