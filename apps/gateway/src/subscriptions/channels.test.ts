import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { channelName } from './channel-name.js';
import { readChannels } from './channels.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const PRICES = { 'Subscription.priceChanged': 'prices:{sku}' };

describe('the setting', () => {
  test('is JSON, or a file with it', () => {
    const expected = new Map([['priceChanged', { channel: 'prices:{sku}' }]]);
    expect(readChannels(JSON.stringify(PRICES))).toStrictEqual(expected);
    const path = join(folder.path, 'channels.json');
    writeFileSync(path, JSON.stringify(PRICES));
    expect(readChannels(path)).toStrictEqual(expected);
    expect(readChannels(undefined)).toStrictEqual(new Map());
  });

  test.each([
    ['a file that is not there', 'nowhere.json', /ENOENT/],
    ['no JSON', '{', /JSON/],
    ['a field of another type', '{ "Query.price": "a" }', /Subscription/],
    ['no channel', '{ "Subscription.price": {} }', /channel/],
    ['what is unknown', '{ "Subscription.price": { "channel": "a", "chanel": "b" } }', /chanel/],
  ])('%s is refused at start', (_, setting, message) => {
    expect(() => readChannels(setting)).toThrow(message);
  });
});

describe('the name of a channel', () => {
  test('has what is asked for in its places', () => {
    expect(channelName('prices', {})).toBe('prices');
    expect(channelName('a:{sku}:{at.shop}:{n}', { sku: 'x', at: { shop: 'y' }, n: 3 })).toBe('a:x:y:3');
  });

  test.each([[{}], [{ sku: null }], [{ sku: ['x'] }]])('cannot be made of %j', (args) => {
    expect(() => channelName('prices:{sku}', args)).toThrow('sku must be given');
  });
});
