import { describe, expect, it } from 'vitest';
import { buildRuleCreated, buildLog } from '../testing/log-entries.js';
import { INITIAL_CHECKPOINT } from './read-model.js';
import { assertNext, doubtOf } from './doubt.js';

const at = (position: number) => ({ logId: 'log-1', position });

describe('a read model and a log', () => {
  it('can belong together where the log is the same and at least as long', () => {
    expect(doubtOf(at(3), { logId: 'log-1', head: 3 })).toBeUndefined();
    expect(doubtOf(INITIAL_CHECKPOINT, { logId: 'log-7', head: 0 })).toBeUndefined();
  });

  it('cannot where it is another, or shorter', () => {
    expect(doubtOf(at(3), { logId: 'log-2', head: 9 })).toContain('has log log-2');
    expect(doubtOf(at(3), { logId: 'log-1', head: 2 })).toContain('set back');
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

  it('goes on right after the checkpoint', () => {
    expect(() => assertNext(at(2), page(2))).not.toThrow();
    expect(() => assertNext(at(4), page(4))).not.toThrow();
  });

  it('is refused where it does not, or mixes logs', () => {
    expect(() => assertNext(at(1), page(2))).toThrow('does not go on at position 2');
    expect(() => assertNext(at(2), page(2, 'log-2'))).toThrow('position 3');
  });
});
