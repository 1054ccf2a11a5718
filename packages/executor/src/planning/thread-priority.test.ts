import type os from 'node:os';
import { afterEach, expect, it, vi } from 'vitest';
import { lowerThreadPriority } from './thread-priority.js';

vi.mock('node:os', async (importOriginal) => {
  const original = await importOriginal<typeof os>();
  return { ...original, setPriority: vi.fn() };
});
const { setPriority } = await import('node:os');
afterEach(() => vi.mocked(setPriority).mockReset());

it('lowers the priority on Linux', () => {
  lowerThreadPriority();
  expect(setPriority).toHaveBeenCalledTimes(process.platform === 'linux' ? 1 : 0);
});

it('goes on where that is forbidden, as by SystemCallFilter of systemd', () => {
  vi.mocked(setPriority).mockImplementation(() => {
    throw new Error('A system error occurred: uv_os_setpriority returned EPERM (operation not permitted)');
  });
  expect(lowerThreadPriority).not.toThrow();
});
