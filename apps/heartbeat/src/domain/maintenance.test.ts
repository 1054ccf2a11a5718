import { describe, expect, it } from 'vitest';
import { parseMaintenanceRequest } from './maintenance.js';

const NOW = Date.parse('2026-01-31T10:00:00.000Z');
const parse = (body: unknown) => parseMaintenanceRequest('reports', body, NOW);

describe('a maintenance request', () => {
  it('has a trimmed reason and an optional end', () => {
    const expected = { service: 'reports', reason: 'new disk', since: NOW };
    expect(parse({ reason: ' new disk ' })).toStrictEqual({ ...expected, until: undefined });
    expect(parse({ reason: 'new disk', until: null })).toStrictEqual({ ...expected, until: undefined });
    expect(parse({ reason: 'new disk', until: '2026-01-31T06:00:00-05:00' })).toStrictEqual({
      ...expected,
      until: NOW + 3_600_000,
    });
  });

  it.each([
    ['500 characters outside the basic plane', { reason: '🔧'.repeat(500) }],
    ['400 days ahead', { reason: 'x', until: '2027-03-07T10:00:00Z' }],
  ])('may contain %s', (_, body) => {
    expect(parse(body)).not.toHaveProperty('faults');
  });

  it.each([
    ['a missing body', undefined, ['reason REQUIRED']],
    ['a list as body', [], ['reason REQUIRED']],
    ['null as reason', { reason: null }, ['reason REQUIRED']],
    ['a number as reason', { reason: 7 }, ['reason INVALID']],
    ['a blank reason', { reason: '  ' }, ['reason EMPTY']],
    ['a reason that is too long', { reason: 'x'.repeat(501) }, ['reason TOO_LONG']],
    ['a reason of two lines', { reason: 'a\nb' }, ['reason CONTROL_CHARACTER']],
    ['an end without offset', { reason: 'x', until: '2026-02-01T10:00:00' }, ['until INVALID']],
    ['a number as end', { reason: 'x', until: 5 }, ['until INVALID']],
    ['an end in the past', { reason: 'x', until: '2026-01-31T10:00:00Z' }, ['until PAST']],
    ['an end too far ahead', { reason: 'x', until: '2027-03-07T10:00:00.001Z' }, ['until TOO_FAR_AHEAD']],
    ['several faults', { reason: '', until: 'soon' }, ['reason EMPTY', 'until INVALID']],
  ])('is rejected with %s', (_, body, faults) => {
    const result = parse(body);
    if (!('faults' in result)) throw new Error('The request was accepted.');
    expect(result.faults.map(({ path, code }) => `${path.join('.')} ${code}`)).toStrictEqual(faults);
  });
});
