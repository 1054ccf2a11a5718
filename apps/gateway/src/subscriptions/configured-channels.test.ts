import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { parseChannelConfigs, resolveChannelName } from './configured-channels.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const PRICES = { 'Subscription.priceChanged': 'prices:{sku}' };

describe('parseChannelConfigs', () => {
  test('accepts JSON or the path of a JSON file', () => {
    const expected = new Map([['priceChanged', { channel: 'prices:{sku}' }]]);
    expect(parseChannelConfigs(JSON.stringify(PRICES))).toStrictEqual(expected);
    const path = join(folder.path, 'channels.json');
    writeFileSync(path, JSON.stringify(PRICES));
    expect(parseChannelConfigs(path)).toStrictEqual(expected);
    expect(parseChannelConfigs(undefined)).toStrictEqual(new Map());
  });

  test.each([
    ['a missing file', 'nowhere.json', /ENOENT/],
    ['malformed JSON', '{', /JSON/],
    ['a field of another type', '{ "Query.price": "a" }', /Subscription/],
    ['a missing channel', '{ "Subscription.price": {} }', /channel/],
    ['an unknown key', '{ "Subscription.price": { "channel": "a", "chanel": "b" } }', /chanel/],
  ])('rejects %s', (_, setting, message) => {
    expect(() => parseChannelConfigs(setting)).toThrow(message);
  });
});

describe('resolveChannelName', () => {
  test('replaces placeholders by argument values', () => {
    expect(resolveChannelName('prices', {})).toBe('prices');
    expect(resolveChannelName('a:{sku}:{at.shop}:{n}', { sku: 'x', at: { shop: 'y' }, n: 3 })).toBe(
      'a:x:y:3',
    );
  });

  test.each([[{}], [{ sku: null }], [{ sku: ['x'] }]])('rejects missing and complex values: %j', (args) => {
    expect(() => resolveChannelName('prices:{sku}', args)).toThrow('sku must be given');
  });
});
