import fc from 'fast-check';
import { expect, it } from 'vitest';
import { computeWithHistory, createLoadedRanges } from './loaded-ranges.js';

/**
 * @param stored the instants of the rows, in order
 * @param hasFurtherRow whether `findAround` finds a row more, as statements do that find no row before the instant
 */
function createRanges(stored: readonly number[], pageSize: number, hasFurtherRow = false) {
  const queries: string[] = [];
  const ranges = createLoadedRanges<number>(
    {
      getInstant: (row) => row,
      findFrom(at, limit) {
        queries.push(`from ${at}`);
        return Promise.resolve(stored.filter((row) => row >= at).slice(0, limit));
      },
      findAround(at, limit) {
        queries.push(`around ${at}`);
        const before = stored.filter((row) => row < at).slice(-1);
        const from = stored.filter((row) => row >= at).slice(0, limit + (hasFurtherRow ? 1 : 0));
        return Promise.resolve([...before, ...from]);
      },
    },
    pageSize,
  );
  return { ranges, queries };
}

it('loaded ranges answer every look-up as the database does', async () => {
  const instant = fc.integer({ min: 0, max: 30 });
  const lookUp = fc.record({
    kind: fc.constantFrom('from', 'before', 'between'),
    at: instant,
    length: instant,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(instant, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      fc.uniqueArray(instant, { maxLength: 3 }),
      fc.array(lookUp, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (unsorted, pageSize, loaded, lookUps, hasFurtherRow) => {
        const stored = [...unsorted].sort((a, b) => a - b);
        const { ranges } = createRanges(stored, pageSize, hasFurtherRow);
        await ranges.load(loaded, true);
        const answers = await computeWithHistory(() =>
          lookUps.map(({ kind, at, length }) => {
            if (kind === 'from') return ranges.firstFrom(at);
            return kind === 'before' ? ranges.lastBefore(at) : ranges.between(at, at + length);
          }),
        );
        const expected = lookUps.map(({ kind, at, length }) => {
          if (kind === 'from') return stored.find((row) => row >= at);
          if (kind === 'before') return stored.findLast((row) => row < at);
          return stored.filter((row) => row >= at && row <= at + length);
        });
        expect(answers).toEqual(expected);
      },
    ),
  );
});

it('loaded ranges load nothing twice', async () => {
  const { ranges, queries } = createRanges([10, 20, 30, 40], 3);
  await ranges.load([20, 10, 25], true);
  // The rows from 10 on include those of the other instants.
  expect(queries).toEqual(['around 10']);
  const compute = () => [ranges.firstFrom(31), ranges.lastBefore(10), ranges.firstFrom(41)];
  expect(await computeWithHistory(compute)).toEqual([40, undefined, undefined]);
  expect(queries).toEqual(['around 10', 'from 31']);
});

it('errors of a function that asks for rows are not caught', async () => {
  const fail = () => {
    throw new Error('its own');
  };
  await expect(computeWithHistory(fail)).rejects.toThrow('its own');
});
