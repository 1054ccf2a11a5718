import { expect, test } from 'vitest';
import { createAllowanceRate } from '@seguridad-abc/platform';
import { createCallerShareRegistry } from './caller-share-registry.js';

const createRegistry = (maxIdleShares: number) =>
  createCallerShareRegistry(
    (_, tier) => createAllowanceRate(60, tier === 'gold' ? 1_000 : 10),
    maxIdleShares,
  );

test('a caller has one share over all requests', () => {
  const registry = createRegistry(10);
  const share = registry.find('customer:ana', 'customer', undefined);
  expect(registry.find('customer:ana', 'customer', undefined)).toBe(share);
  expect(registry.find('device:ana', 'device', undefined)).not.toBe(share);
});

test('many callers do not take more memory: idle shares are forgotten, the least recently used first', () => {
  const registry = createRegistry(10);
  const active = registry.find('customer:ana', 'customer', undefined);
  for (let n = 0; n < 1_000; n++) {
    registry.find(`customer:${n}`, 'customer', undefined);
    expect(registry.find('customer:ana', 'customer', undefined)).toBe(active);
  }
  expect(registry.size).toBe(10);
});

test('a share in use is kept until its caller releases everything', () => {
  const registry = createRegistry(10);
  const share = registry.find('customer:ana', 'customer', undefined);
  share.openSockets = 1;
  for (let n = 0; n < 20; n++) registry.find(`customer:${n}`, 'customer', undefined);
  expect(registry.size).toBe(11);
  expect(registry.find('customer:ana', 'customer', undefined)).toBe(share);
  for (let n = 0; n < 20; n++) registry.find(`customer:${n}`, 'customer', undefined);
  share.openSockets = 0;
  registry.onRelease(share);
  expect(registry.size).toBe(10);
  expect(registry.find('customer:ana', 'customer', undefined)).not.toBe(share);
});

test('a newer token with another tier changes the rate', () => {
  const registry = createRegistry(10);
  const { allowance } = registry.find('customer:ana', 'customer', undefined);
  expect(allowance.getRemaining(0)).toBe(10);
  registry.find('customer:ana', 'customer', 'gold');
  expect(allowance.getRemaining(0)).toBe(1_000);
});
