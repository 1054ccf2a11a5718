import { MAX_OPENINGS_PER_DEVICE } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { parseOptions } from '../command-line/option-values.js';
import { TOKEN_OPTIONS } from './token-command.js';

const parse = (options: Record<string, string>) =>
  parseOptions(TOKEN_OPTIONS, { _: ['token'], user: 'ana', role: 'device', ttl: '1h', ...options });

test('a token of a device can be bound to a device and to openings, whose names have the form of readings', () => {
  expect(parse({ device: 'device-1', openings: ' Front , A\u0301lamo' })).toMatchObject({
    device: 'device-1',
    openings: ['Front', 'Álamo'],
  });
  expect(parse({})).toStrictEqual({ user: 'ana', role: 'device', ttl: 3_600_000 });
});

test('a token can have scopes and policies', () => {
  expect(parse({ role: 'customer', scope: 'read:a read:b', policies: 'adult' })).toMatchObject({
    scope: 'read:a read:b',
    policies: 'adult',
  });
  expect(() => parse({ scope: '' })).toThrow('--scope must be names with spaces between');
});

test.each<[Record<string, string>, string]>([
  [{ role: 'customer', device: 'device-1' }, '--device is for the role device (it is "device-1").'],
  [{ role: 'operator', openings: 'Front' }, '--openings is for the role device (it is "Front").'],
  [{ openings: 'Front,,Back' }, '--openings must be 1 to 100 names with commas between'],
  [{ openings: 'x'.repeat(81) }, '--openings must be'],
  [{ openings: Array.from({ length: MAX_OPENINGS_PER_DEVICE + 1 }, () => 'x').join() }, '--openings must be'],
  [{ device: 'x'.repeat(129) }, '--device must be an id of at most 128 characters'],
])('%j is wrong usage', (options, message) => {
  expect(() => parse(options)).toThrow(message);
});
