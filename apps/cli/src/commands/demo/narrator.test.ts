import { expect, test } from 'vitest';
import { createNarrator, withTimeLimit } from './narrator.js';

test('each text has the time since the start; its further lines are indented', () => {
  const lines: string[] = [];
  let now = 500;
  const narrator = createNarrator({ write: (line) => lines.push(line), now: () => now });
  narrator.narrate('once');
  now = 12_840;
  narrator.narrate('a table\nof rules');
  expect(lines).toEqual(['   0.0 s  once', '  12.3 s  a table\n          of rules']);
});

const never = new Promise(() => undefined);
const { signal } = new AbortController();

test('returns a result that comes in time', async () => {
  expect(await withTimeLimit('It', 10_000, Promise.resolve(5), signal)).toBe(5);
});

test('names the step that takes too long', async () => {
  await expect(withTimeLimit('reports DOWN', 10, never, signal)).rejects.toThrow(
    'reports DOWN: this did not happen within 0.01 s.',
  );
});

test('rejects with the reason of an abort', async () => {
  const abort = new AbortController();
  const waiting = withTimeLimit('It', 10_000, never, abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
