import { describe, expect, it } from 'vitest';
import { readMaintenance } from './maintenance-input.js';

const NOW = Date.parse('2026-01-31T10:00:00.000Z');
const read = (body: unknown) => readMaintenance('reports', body, NOW);

describe('what is asked for', () => {
  it('has a reason, trimmed, and perhaps an end', () => {
    const taken = { service: 'reports', reason: 'new disk', since: NOW };
    expect(read({ reason: ' new disk ' })).toStrictEqual({ ...taken, until: undefined });
    expect(read({ reason: 'new disk', until: null })).toStrictEqual({ ...taken, until: undefined });
    expect(read({ reason: 'new disk', until: '2026-01-31T06:00:00-05:00' })).toStrictEqual({
      ...taken,
      until: NOW + 3_600_000,
    });
  });

  it.each([
    ['500 characters, wide ones too', { reason: '🔧'.repeat(500) }],
    ['400 days ahead', { reason: 'x', until: '2027-03-07T10:00:00Z' }],
  ])('may have %s', (_, body) => {
    expect(read(body)).not.toHaveProperty('faults');
  });

  it.each([
    ['no body', undefined, ['reason REQUIRED']],
    ['a list', [], ['reason REQUIRED']],
    ['null', { reason: null }, ['reason REQUIRED']],
    ['a number', { reason: 7 }, ['reason INVALID']],
    ['blanks', { reason: '  ' }, ['reason EMPTY']],
    ['too much', { reason: 'x'.repeat(501) }, ['reason TOO_LONG']],
    ['two lines', { reason: 'a\nb' }, ['reason CONTROL_CHARACTER']],
    ['no offset', { reason: 'x', until: '2026-02-01T10:00:00' }, ['until INVALID']],
    ['no text as time', { reason: 'x', until: 5 }, ['until INVALID']],
    ['the past', { reason: 'x', until: '2026-01-31T10:00:00Z' }, ['until PAST']],
    ['too far', { reason: 'x', until: '2027-03-07T10:00:00.001Z' }, ['until TOO_FAR_AHEAD']],
    ['all at once', { reason: '', until: 'soon' }, ['reason EMPTY', 'until INVALID']],
  ])('is refused with %s', (_, body, faults) => {
    const refused = read(body);
    if (!('faults' in refused)) throw new Error('it was taken');
    expect(refused.faults.map(({ path, code }) => `${path.join('.')} ${code}`)).toStrictEqual(faults);
  });
});
