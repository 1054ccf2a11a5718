import { toStreamId, toStreamFields, type LogEntry } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildRuleCreated, buildLog } from '../testing/log-entries.js';
import { INITIAL_CHECKPOINT } from './read-model.js';
import { takeNext, type RawEntry } from './take-next.js';

const raw = (entry: LogEntry): RawEntry => [toStreamId(entry.position), toStreamFields(entry)];
const log = buildLog(Array.from({ length: 9 }, (_, i) => buildRuleCreated({ id: `rule-${i}` })));
const positions = (entries: readonly LogEntry[]) => entries.map(({ position }) => position);

describe('what comes next after the checkpoint', () => {
  test('is taken whole, as it stands in the log', () =>
    expect(takeNext({ logId: 'log-1', position: 3 }, log.slice(3).map(raw))).toEqual({ next: log.slice(3) }));

  test('is anything that begins at 1 where there is no checkpoint', () =>
    expect(takeNext(INITIAL_CHECKPOINT, log.map(raw)).next).toEqual(log));

  test('leaves out what was had before', () =>
    expect(positions(takeNext({ logId: 'log-1', position: 5 }, log.map(raw)).next)).toEqual([6, 7, 8, 9]));

  test('ends before a gap', () => {
    const taken = takeNext({ logId: 'log-1', position: 0 }, [...log.slice(0, 2), ...log.slice(4)].map(raw));
    expect(positions(taken.next)).toEqual([1, 2]);
    expect(taken.obstacle).toEqual({ kind: 'gap', position: 5 });
  });

  test('ends before an entry of another log, also one that follows right after', () => {
    const foreign = buildLog([buildRuleCreated(), buildRuleCreated()], 'log-2').map(raw);
    const taken = takeNext(INITIAL_CHECKPOINT, [raw(log[0]!), foreign[1]!]);
    expect(positions(taken.next)).toEqual([1]);
    expect(taken.obstacle).toEqual({ kind: 'foreign', position: 2, logId: 'log-2' });
  });

  test.each<[string, RawEntry]>([
    ['without fields', ['2-0', []]],
    [
      'whose data is no JSON',
      ['2-0', ['logId', 'log-1', 'type', 'X', 'version', '1', 'at', log[0]!.at, 'data', '{']],
    ],
    ['with an id that no relay writes', ['1-1', toStreamFields(log[1]!)]],
  ])('ends before an entry %s', (_, damaged) => {
    const taken = takeNext(INITIAL_CHECKPOINT, [raw(log[0]!), damaged, raw(log[2]!)]);
    expect(positions(taken.next)).toEqual([1]);
    expect(taken.obstacle).toEqual({ kind: 'damaged', id: damaged[0] });
  });

  test('has no gaps and begins behind the checkpoint, whatever the stream holds', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.subarray(log), fc.nat(3), (position, present, repeat) => {
        const seen = [...present, ...present.slice(0, repeat)];
        const { next } = takeNext({ logId: 'log-1', position }, seen.map(raw));
        expect(positions(next)).toEqual(next.map((_, index) => position + 1 + index));
        const absent = log.find((entry) => entry.position > position && !present.includes(entry));
        expect(next.length).toBe((absent?.position ?? 10) - position - 1);
      }),
    );
  });
});
