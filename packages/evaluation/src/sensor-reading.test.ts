import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareReadings, type SensorReading } from './sensor-reading.js';

const reading = (id: string, at = 0): SensorReading => ({ id, state: 'OPEN', at });

it('orders by instant before id', () => {
  expect(compareReadings(reading('b', 1), reading('a', 2))).toBeLessThan(0);
  expect(compareReadings(reading('b', 1), reading('a', 1))).toBeGreaterThan(0);
  expect(compareReadings(reading('a', 1), reading('a', 1))).toBe(0);
});

it('orders ids by code points, as UTF-8 bytes sort', () => {
  const id = fc.string({
    unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
  });
  fc.assert(
    fc.property(id, id, (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareReadings(reading(a), reading(b)))).toBe(expected);
    }),
  );
});
