import type { SensorReading } from '@seguridad-abc/evaluation';
import { describe, expect, it } from 'vitest';
import { splitChunk, splitIntoChunks } from './reading-chunks.js';

const read = (states: string, start = 0) =>
  Array.from(states, (letter, index): SensorReading => ({
    id: `${letter}${start + index}`,
    state: letter === 'O' ? 'OPEN' : 'CLOSED',
    at: start + index,
  }));
const split = (byOpening: Record<string, ReturnType<typeof read>>, rules: number) =>
  splitIntoChunks(new Map(Object.entries(byOpening)), () => rules, 150);
const describeChunks = (chunks: ReturnType<typeof split>) =>
  chunks.map(({ openings }) =>
    openings
      .map(([name, readings]) => `${name}:${readings.map(({ state }) => state.charAt(0)).join('')}`)
      .join(' '),
  );

describe('splitIntoChunks', () => {
  it('keeps a small command in one transaction and in its order', () => {
    const readings = read('OCOC').reverse();
    const [chunk, ...others] = split({ Shop: readings, Door: read('O') }, 3);
    expect(others).toEqual([]);
    expect(chunk).toMatchObject({
      size: 5,
      openings: [
        ['Shop', readings],
        ['Door', read('O')],
      ],
    });
  });

  it('splits between intervals, in the order of the instants', () => {
    const chunks = split({ Shop: read('OCOCOCOOCC').reverse() }, 50);
    expect(describeChunks(chunks)).toEqual(['Shop:OC', 'Shop:OC', 'Shop:OC', 'Shop:OOCC']);
  });

  it('does not split the readings of one instant', () => {
    const readings = read('OCOCOC').map((reading) => ({ ...reading, at: 7 }));
    expect(split({ Shop: readings }, 50)).toHaveLength(1);
  });

  it('keeps the first of several readings with one id', () => {
    const first = { id: 'same', state: 'OPEN' as const, at: 500 };
    const second = { id: 'same', state: 'CLOSED' as const, at: 0 };
    const chunks = split({ Shop: [...read('OCOCOC', 100), first, second] }, 50);
    const readings = chunks.flatMap(({ openings }) => openings.flatMap(([, of]) => of));
    expect(readings.filter(({ id }) => id === 'same')).toEqual([first]);
    expect(readings).toHaveLength(7);
  });

  it('splits many readings of one state, each part with the end of its intervals', () => {
    const lengths = (states: string) => describeChunks(split({ Shop: read(states) }, 1)).map(shorten);
    const shorten = (chunk: string) => chunk.replace(/O+|CC+/g, (run) => `${run.length}${run.charAt(0)}`);
    expect(lengths('O'.repeat(250))).toEqual(['Shop:100O', 'Shop:100O', 'Shop:50O']);
    expect(lengths('C'.repeat(250))).toEqual(['Shop:100C', 'Shop:100C', 'Shop:50C']);
    expect(lengths(`${'O'.repeat(150)}C`)).toEqual(['Shop:100OC', 'Shop:50O']);
  });

  it('splits many readings without rules too', () => {
    const sizes = split({ Shop: read('OC'.repeat(500)) }, 0).map(({ size }) => size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(102);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_000);
  });
});

describe('a chunk that is too large', () => {
  it('is split between intervals', () => {
    const chunk = { openings: [['Shop', read('OCOCOC')] as const], size: 6 };
    expect(describeChunks(splitChunk(chunk, () => 50))).toEqual(['Shop:OC', 'Shop:OC', 'Shop:OC']);
  });

  it('is split into halves at the place nearest to the middle that leaves no interval open', () => {
    const halve = (states: string) => {
      const readings = read(states);
      return describeChunks(splitChunk({ openings: [['Shop', readings]], size: readings.length }, () => 1));
    };
    expect(halve('OOCO')).toEqual(['Shop:OOC', 'Shop:O']);
    expect(halve('CCOCCC')).toEqual(['Shop:CCOC', 'Shop:CC']);
    expect(halve('OOC')).toEqual(['Shop:OC', 'Shop:O']);
    expect(halve('OOOOC')).toEqual(['Shop:OOOC', 'Shop:O']);
  });

  it('is split into halves of each opening, down to single readings', () => {
    const halves = splitChunk(
      {
        openings: [
          ['Shop', read('OOO')],
          ['Door', read('C')],
        ],
        size: 4,
      },
      () => 1,
    );
    expect(describeChunks(halves)).toEqual(['Shop:OO', 'Shop:O', 'Door:C']);
  });
});
