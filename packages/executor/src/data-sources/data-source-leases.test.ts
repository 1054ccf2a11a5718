import { expect, test, vi } from 'vitest';
import { createDataSourceLeases } from './data-source-leases.js';
import type { DataSource } from './data-source.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

function setUp() {
  const warn = vi.fn();
  const leases = createDataSourceLeases({ debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() });
  const createDataSource = (close = vi.fn(() => Promise.resolve())) =>
    ({ fetch: vi.fn(), close }) satisfies DataSource;
  return { leases, warn, createDataSource };
}

test('a data source of two leases is closed with the second one', () => {
  const { leases, createDataSource } = setUp();
  const [shared, replaced] = [createDataSource(), createDataSource()];
  const first = leases.create({ shared, other: replaced });
  const second = leases.create({ shared });
  first.release();
  expect([first.hasEnded, second.hasEnded]).toEqual([true, false]);
  expect(replaced.close).toHaveBeenCalledOnce();
  expect(shared.close).not.toHaveBeenCalled();
  second.release();
  second.release();
  expect(shared.close).toHaveBeenCalledOnce();
});

test('a lease that promises hold ends when all of them have settled', async () => {
  const { leases, createDataSource } = setUp();
  const dataSource = createDataSource();
  const lease = leases.create({ things: dataSource });
  const resolvers: (() => void)[] = [];
  lease.holdUntilSettled(Promise.reject(new Error('failed')));
  lease.holdUntilSettled(new Promise<void>((resolve) => resolvers.push(resolve)));
  lease.release();
  await Promise.resolve();
  expect(dataSource.close).not.toHaveBeenCalled();
  resolvers[0]?.();
  await waitForAssertion(() => expect(lease.hasEnded).toBe(true));
  expect(dataSource.close).toHaveBeenCalledOnce();
});

test('a data source that cannot be closed is logged', async () => {
  const { leases, warn, createDataSource } = setUp();
  const error = new Error('broken');
  leases.create({ things: createDataSource(vi.fn(() => Promise.reject(error))) }).release();
  await waitForAssertion(() => expect(warn).toHaveBeenCalledOnce());
  expect(warn.mock.calls[0]?.[0]).toEqual({ err: error, service: 'things' });
});

test('closeAll closes each data source once, even if it is held', async () => {
  const { leases, createDataSource } = setUp();
  const dataSource = createDataSource();
  const first = leases.create({ things: dataSource });
  leases.create({ things: dataSource });
  first.holdUntilSettled(Promise.resolve());
  await leases.closeAll();
  first.release();
  expect(dataSource.close).toHaveBeenCalledOnce();
});

test('closeAll closes all data sources, also if some cannot be closed, and rejects then', async () => {
  const { leases, createDataSource } = setUp();
  const fail = (message: string) => createDataSource(vi.fn(() => Promise.reject(new Error(message))));
  const last = createDataSource();
  leases.create({ first: fail('first'), second: fail('second'), last });
  await expect(leases.closeAll()).rejects.toMatchObject({
    message: 'Data sources could not be closed.',
    errors: [new Error('first'), new Error('second')],
  });
  expect(last.close).toHaveBeenCalledOnce();
  leases.create({ only: fail('only') });
  await expect(leases.closeAll()).rejects.toThrow('only');
});
