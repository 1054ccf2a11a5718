import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMessageTurns } from './message-turns.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setImmediate'] }));
afterEach(() => vi.useRealTimers());

/** Turns, and the messages that were handled in each turn of the event loop. */
function createMessages() {
  const turns = createMessageTurns();
  const handled: string[][] = [[]];
  const handle = (name: string) => void handled.at(-1)?.push(name);
  return {
    handled,
    receive: (sender: string, name: string) => {
      if (turns.mayHandle()) handle(name);
      else turns.wait(sender, () => handle(name));
    },
    endTurn: () => {
      handled.push([]);
      vi.advanceTimersToNextTimer();
    },
  };
}

test('few messages are handled at once, without a timer', () => {
  const { handled, receive } = createMessages();
  for (let n = 0; n < 7; n += 1) receive('a', `a${n}`);
  expect(handled[0]).toHaveLength(7);
  expect(vi.getTimerCount()).toBe(0);
});

test('a burst is handled over several turns of the event loop, in its order', () => {
  const { handled, receive, endTurn } = createMessages();
  const names = Array.from({ length: 50 }, (_, n) => `a${n}`);
  for (const name of names) receive('a', name);
  while (vi.getTimerCount() > 0) endTurn();
  expect(handled.map(({ length }) => length)).toEqual([16, 16, 16, 2]);
  expect(handled.flat()).toEqual(names);
});

test('senders take turns: the burst of one does not delay the message of another', () => {
  const { handled, receive, endTurn } = createMessages();
  for (let n = 0; n < 100; n += 1) receive('a', `a${n}`);
  receive('b', 'b0');
  endTurn();
  expect(handled[1]?.slice(0, 3)).toEqual(['a16', 'b0', 'a17']);
});

test('a message does not overtake those that wait', () => {
  const { handled, receive, endTurn } = createMessages();
  for (let n = 0; n < 32; n += 1) receive('a', `a${n}`);
  endTurn();
  receive('a', 'a32');
  endTurn();
  expect(handled.flat()).toEqual(Array.from({ length: 33 }, (_, n) => `a${n}`));
});
