import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeEventValue } from './change-sources.js';

test('every field of a state is part of the selection and the value of its event', () => {
  const { selection, toValue } = describeEventValue(
    z.object({
      id: z.string(),
      userId: z.string(),
      ruleId: z.string().nullable(),
      days: z.array(z.string()),
      limits: z.array(z.object({ from: z.string(), zoneId: z.string() })).default([]),
      pause: z.object({ until: z.string() }).nullable(),
    }),
  );
  expect(selection).toBe('{ id user { id } rule { id } days limits { from zone { id } } pause { until } }');
  const state = { id: '1', userId: 'ana', ruleId: null, days: ['MONDAY'], pause: null };
  expect(toValue({ ...state, limits: [{ from: 'a', zoneId: 'z' }], unknown: true })).toStrictEqual({
    id: '1',
    user: { id: 'ana' },
    rule: null,
    days: ['MONDAY'],
    limits: [{ from: 'a', zone: { id: 'z' } }],
    pause: null,
  });
});
