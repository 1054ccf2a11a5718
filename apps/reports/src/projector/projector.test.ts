import { toStreamFields, toStreamId, type LogEntry } from '@seguridad-abc/contracts';
import { selectNextEntries, type LogCheckpoint } from '@seguridad-abc/platform';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INITIAL_CHECKPOINT } from '../domain/read-model.js';
import { buildRuleCreated, buildLog } from '../testing/log-entries.js';
import { assertPageContinues } from './log-client.js';
import { toLiveEntry } from './log-stream.js';

type StreamEntry = readonly [id: string, fields: readonly string[]];

const toStreamEntry = (entry: LogEntry): StreamEntry => [toStreamId(entry.position), toStreamFields(entry)];
const log = buildLog(Array.from({ length: 9 }, (_, i) => buildRuleCreated({ id: `rule-${i}` })));
const positions = (entries: readonly LogEntry[]) => entries.map(({ position }) => position);
const select = (checkpoint: LogCheckpoint, stream: readonly StreamEntry[]) =>
  selectNextEntries(
    checkpoint,
    stream.map(([id, fields]) => toLiveEntry(id, fields)),
  );

describe('stream entries that follow the checkpoint', () => {
  test('are selected unchanged, in log order', () => {
    const { next, discontinuity } = select({ logId: 'log-1', position: 3 }, log.slice(3).map(toStreamEntry));
    expect({ next, discontinuity }).toEqual({ next: log.slice(3) });
  });

  test('may be of any log if they start at 1 and there is no checkpoint', () =>
    expect(select(INITIAL_CHECKPOINT, log.map(toStreamEntry)).next).toEqual(log));

  test('do not include entries that were processed before', () =>
    expect(positions(select({ logId: 'log-1', position: 5 }, log.map(toStreamEntry)).next)).toEqual([
      6, 7, 8, 9,
    ]));

  test('end before a gap', () => {
    const present = [...log.slice(0, 2), ...log.slice(4)];
    const { next, discontinuity } = select({ logId: 'log-1', position: 0 }, present.map(toStreamEntry));
    expect(positions(next)).toEqual([1, 2]);
    expect(discontinuity).toEqual({ kind: 'gap', first: 3, last: 4 });
  });

  test('end before an entry of another log, even if its position is the next one', () => {
    const foreign = buildLog([buildRuleCreated(), buildRuleCreated()], 'log-2').map(toStreamEntry);
    const { next, discontinuity } = select(INITIAL_CHECKPOINT, [toStreamEntry(log[0]!), foreign[1]!]);
    expect(positions(next)).toEqual([1]);
    expect(discontinuity).toEqual({ kind: 'foreign', position: 2, logId: 'log-2' });
  });

  test.each<[string, StreamEntry]>([
    ['without fields', ['2-0', []]],
    [
      'whose data is not JSON',
      ['2-0', ['logId', 'log-1', 'type', 'X', 'version', '1', 'at', log[0]!.at, 'data', '{']],
    ],
    ['with an id that no relay writes', ['1-1', toStreamFields(log[1]!)]],
  ])('end before an entry %s', (_, damaged) => {
    const { next, discontinuity } = select(INITIAL_CHECKPOINT, [
      toStreamEntry(log[0]!),
      damaged,
      toStreamEntry(log[2]!),
    ]);
    expect(positions(next)).toEqual([1]);
    expect(discontinuity).toEqual({ kind: 'unreadable', after: 1 });
  });

  test('start after the checkpoint and have no gap, whatever the stream contains', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.subarray(log), fc.nat(3), (position, present, repeat) => {
        const stream = [...present, ...present.slice(0, repeat)];
        const { next } = select({ logId: 'log-1', position }, stream.map(toStreamEntry));
        expect(positions(next)).toEqual(next.map((_, index) => position + 1 + index));
        const absent = log.find((entry) => entry.position > position && !present.includes(entry));
        expect(next.length).toBe((absent?.position ?? 10) - position - 1);
      }),
    );
  });
});

describe('a page of the log', () => {
  const page = (from: number, logId = 'log-1') => ({
    logId: 'log-1',
    head: 4,
    entries: buildLog(
      [buildRuleCreated(), buildRuleCreated(), buildRuleCreated(), buildRuleCreated()],
      logId,
    ).slice(from),
  });

  test('is accepted if it starts right after the requested position', () => {
    expect(() => assertPageContinues(2, page(2))).not.toThrow();
    expect(() => assertPageContinues(4, page(4))).not.toThrow();
  });

  test('is rejected if it starts elsewhere or mixes logs', () => {
    expect(() => assertPageContinues(1, page(2))).toThrow('does not continue at position 2');
    expect(() => assertPageContinues(2, page(2, 'log-2'))).toThrow('position 3');
  });
});
