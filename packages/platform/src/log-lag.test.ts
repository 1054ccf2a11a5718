import { describe, expect, test } from 'vitest';
import { createLogLagMeter, describeLogStall } from './log-lag.js';

/** A meter with a clock in seconds that the test sets. */
function createTestMeter() {
  const clock = { seconds: 0 };
  return { clock, meter: createLogLagMeter(() => clock.seconds * 1_000) };
}

describe('the lag of a reader', () => {
  test('is not known before the end of the log is', () => {
    expect(createTestMeter().meter.measure(3)).toBeUndefined();
  });

  test('counts entries up to the end of the log, and the seconds that the first of them waits', () => {
    const { clock, meter } = createTestMeter();
    meter.observeHead(10);
    expect(meter.measure(10)).toEqual({ entries: 0, seconds: 0, stalledSeconds: 0 });
    clock.seconds = 5;
    meter.observeHead(12);
    clock.seconds = 8;
    meter.observeHead(20);
    clock.seconds = 9;
    expect(meter.measure(10)).toMatchObject({ entries: 10, seconds: 4 });
    expect(meter.measure(11)).toMatchObject({ entries: 9, seconds: 4 });
    expect(meter.measure(12)).toMatchObject({ entries: 8, seconds: 1 });
    expect(meter.measure(20)).toEqual({ entries: 0, seconds: 0, stalledSeconds: 0 });
  });

  test('is stalled only while entries wait and the position stays', () => {
    const { clock, meter } = createTestMeter();
    meter.observeHead(9);
    meter.measure(4);
    clock.seconds = 7;
    expect(meter.measure(4)).toMatchObject({ stalledSeconds: 7 });
    expect(meter.measure(5)).toMatchObject({ seconds: 7, stalledSeconds: 0 });
    meter.measure(9);
    clock.seconds = 60;
    meter.observeHead(10);
    expect(meter.measure(9)).toMatchObject({ seconds: 0, stalledSeconds: 0 });
  });

  test('starts again if another log takes the place of this one', () => {
    const { clock, meter } = createTestMeter();
    meter.observeHead(100);
    clock.seconds = 9;
    meter.observeHead(3);
    expect(meter.measure(0)).toMatchObject({ entries: 3, seconds: 0 });
  });

  test('needs bounded memory, and keeps the first and the last observation', () => {
    const { clock, meter } = createTestMeter();
    for (clock.seconds = 1; clock.seconds <= 10_000; clock.seconds++) meter.observeHead(clock.seconds);
    expect(meter.measure(0)).toMatchObject({ entries: 10_000, seconds: 10_000 });
    // Recent observations are denser than old ones.
    const { seconds = 0 } = meter.measure(9_900) ?? {};
    expect(seconds).toBeGreaterThan(90);
    expect(seconds).toBeLessThanOrEqual(100);
  });
});

describe('the description of a stall', () => {
  const waiting = { entries: 3, seconds: 2, stalledSeconds: 2 };

  test('names the position that waits, since when, and the reason', () => {
    expect(describeLogStall(16, waiting, 'OOM', 'to be published')).toMatch(
      /^log position 17 waits to be published since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: OOM$/,
    );
  });

  test('is given without a known reason only after some seconds', () => {
    expect(describeLogStall(16, waiting, undefined, 'to be published')).toBeUndefined();
    expect(describeLogStall(16, { ...waiting, stalledSeconds: 5 }, undefined, 'to be published')).toMatch(
      /: nothing was processed for 5 s$/,
    );
  });

  test('is the problem alone if nothing waits', () => {
    const none = { entries: 0, seconds: 0, stalledSeconds: 0 };
    expect(describeLogStall(16, none, 'OOM', 'to be published')).toBe('OOM');
    expect(describeLogStall(undefined, undefined, undefined, 'to be published')).toBeUndefined();
  });
});
