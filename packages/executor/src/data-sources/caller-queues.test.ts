import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCallerQueues } from './caller-queues.js';

test('further requests of a caller wait in the order of their arrival; other callers do not wait', () => {
  const queues = createCallerQueues(2);
  const turns: string[] = [];
  const enter = (caller: string, name: string) => {
    const isEntered = queues.enter(caller);
    if (!isEntered) queues.wait(caller, () => turns.push(name));
    return isEntered;
  };
  expect([enter('ana', '1'), enter('ana', '2'), enter('ana', '3'), enter('ana', '4')]).toStrictEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(enter('bea', '5')).toBe(true);
  queues.leave('ana');
  expect(turns).toStrictEqual(['3']);
  queues.leave('ana');
  expect(turns).toStrictEqual(['3', '4']);
});

test('in any order of requests, a caller never runs more than its maximum, and every turn comes', () => {
  const step = fc.record({
    caller: fc.constantFrom('a', 'b'),
    kind: fc.constantFrom('enter', 'leave', 'giveUp'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const queues = createCallerQueues(2);
      const running = { a: 0, b: 0 };
      const waiting: Record<'a' | 'b', (() => void)[]> = { a: [], b: [] };
      for (const { caller: name, kind } of steps) {
        const caller = name;
        if (kind === 'enter') {
          const onTurn = () => {
            running[caller] += 1;
            waiting[caller].splice(waiting[caller].indexOf(onTurn), 1);
          };
          if (queues.enter(caller)) running[caller] += 1;
          else {
            queues.wait(caller, onTurn);
            waiting[caller].push(onTurn);
          }
        } else if (kind === 'giveUp') {
          const onTurn = waiting[caller].pop();
          if (onTurn) expect(queues.giveUp(caller, onTurn)).toBe(true);
        } else if (running[caller] > 0) {
          running[caller] -= 1;
          queues.leave(caller);
        }
        expect(running[caller]).toBeLessThanOrEqual(2);
        expect(running[caller]).toBe(Math.min(2, running[caller] + waiting[caller].length));
      }
    }),
  );
});
