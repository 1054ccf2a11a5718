import type { lookup, LookupAddress } from 'node:dns';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createRotatingLookup } from './rotating-lookup.js';

const createLookup = (addresses: readonly LookupAddress[], error: Error | null = null) => {
  const resolve = (_host: string, _options: unknown, callback: (...results: unknown[]) => void) =>
    callback(error, addresses);
  const find = promisify(createRotatingLookup(resolve as unknown as typeof lookup));
  return async () =>
    ((await find('reports', { all: true })) as unknown as LookupAddress[]).map((each) => each.address);
};
const ipv4 = (address: string) => ({ address, family: 4 });
const ipv6 = (address: string) => ({ address, family: 6 });

test('each connection begins with another address, and has the others in reserve', async () => {
  const find = createLookup([ipv4('10.0.0.1'), ipv4('10.0.0.2'), ipv4('10.0.0.3')]);
  expect([await find(), await find(), await find(), await find()]).toEqual([
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
    ['10.0.0.2', '10.0.0.3', '10.0.0.1'],
    ['10.0.0.3', '10.0.0.1', '10.0.0.2'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  ]);
});

test('the preferred family stays the first', async () => {
  const find = createLookup([ipv4('127.0.0.1'), ipv6('::1')]);
  expect([await find(), await find()]).toEqual([
    ['127.0.0.1', '::1'],
    ['127.0.0.1', '::1'],
  ]);
});

test('an error of the resolver, or no address, is an error', async () => {
  await expect(createLookup([], new Error('ENOTFOUND'))()).rejects.toThrow('ENOTFOUND');
  await expect(createLookup([])()).rejects.toThrow('reports has no address');
});

test('a single address is returned to callers that ask for one', () => {
  const resolve = (_host: string, _options: unknown, callback: (...results: unknown[]) => void) =>
    callback(null, [ipv4('10.0.0.1'), ipv4('10.0.0.2')]);
  const find = createRotatingLookup(resolve as unknown as typeof lookup);
  const results: unknown[] = [];
  find('reports', {}, (...result) => results.push(result));
  find('reports', {}, (...result) => results.push(result));
  expect(results).toEqual([
    [null, '10.0.0.1', 4],
    [null, '10.0.0.2', 4],
  ]);
});
