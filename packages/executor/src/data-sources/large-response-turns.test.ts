import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLargeResponseTurns } from './large-response-turns.js';

/** Turns with a clock that only handled responses move, and a list of what happens. */
function createResponses() {
  let nowMs = 0;
  const turns = createLargeResponseTurns(() => nowMs);
  const events: string[] = [];
  return {
    turns,
    events,
    /** Handles a response in its turn: part of the work follows in microtasks. */
    receive: async (caller: string | undefined, name: string, durationMs: number) => {
      await turns.wait(caller, 1);
      nowMs += durationMs / 2;
      await Promise.resolve();
      nowMs += durationMs / 2;
      events.push(name);
    },
    /** Adds an entry to the list in each turn of the event loop, until everything has happened. */
    watch: async (count: number) => {
      for (let n = 0; events.filter((each) => each !== '-').length < count; n += 1) {
        if (n > 10_000) throw new Error(`Only these were handled: ${events.join(' ')}`);
        await nextTurn();
        events.push('-');
        nowMs += 1;
      }
    },
  };
}

test('a response is handled at once while no other one is', async () => {
  const { turns } = createResponses();
  expect(turns.wait('a', 1)).toBeUndefined();
  await nextTurn();
  await nextTurn();
  expect(turns.wait('b', 1)).toBeUndefined();
});

test('responses that arrive together are handled in different turns of the event loop', async () => {
  const { events, receive, watch } = createResponses();
  for (const name of ['a1', 'b1', 'c1']) void receive(name.charAt(0), name, 30);
  await watch(3);
  expect(events.join(' ')).toMatch(/^a1 -.* b1 -.* c1/);
});

test('a caller rests for as long as its turn took, microtasks included; others do not wait', async () => {
  const { events, receive, watch } = createResponses();
  for (const name of ['a1', 'a2']) void receive('a', name, 30);
  await watch(1);
  for (const name of ['b1', 'c1']) void receive(name.charAt(0), name, 4);
  await watch(4);
  const [between = ''] = /a1 (.*) a2/.exec(events.join(' ')) ?? [];
  expect(between).toContain('b1');
  expect(between).toContain('c1');
  // Without the responses of others, which took 8 ms.
  expect(between.match(/-/g)?.length).toBeGreaterThanOrEqual(20);
});

test('the caller that has used less time is next; one without a key does not rest', async () => {
  const { events, receive, watch } = createResponses();
  void receive('a', 'a1', 30);
  for (const name of ['a2', 'x1', 'x2']) void receive(name.startsWith('x') ? undefined : 'a', name, 1);
  await watch(4);
  expect(events.filter((each) => each !== '-')).toEqual(['a1', 'x1', 'x2', 'a2']);
});
