import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addReadings } from './add-readings.js';
import { intervalsOf, stateOf } from './intervals.js';
import { createMemoryStore } from './testing/index.js';

const readings = fc.array(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', '\uffff', '😀') }),
    state: fc.constantFrom('OPEN' as const, 'CLOSED' as const),
    at: fc.integer({ min: 0, max: 8 }),
  }),
);

it('is the same in steps as at once', () => {
  fc.assert(
    fc.property(fc.array(readings), (batches) => {
      const store = createMemoryStore();
      for (const batch of batches) {
        const changes = addReadings(store, store.record(batch));
        store.apply(changes);
        expect(store.intervals).toStrictEqual(intervalsOf(store.readings));
        expect({ state: changes.state, since: changes.since }).toStrictEqual(stateOf(store.readings));
      }
    }),
    { numRuns: 3000 },
  );
});
