import { expect, test, vi } from 'vitest';
import { createInstanceRotation } from './instance-rotation.js';

const URLS = ['http://a', 'http://b', 'http://c'];
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

test('the instance that has answered last is asked first; a failed one is followed by the next', async () => {
  const rotation = createInstanceRotation(() => URLS);
  const down = new Set<string>();
  const asked: string[] = [];
  const ask = () =>
    rotation.request(
      (url) => {
        asked.push(url);
        return down.has(url) ? Promise.reject(new Error(`${url} is down`)) : Promise.resolve(url);
      },
      { timeoutMs: 1_000 },
    );
  expect([await ask(), await ask()]).toEqual(['http://a', 'http://a']);
  down.add('http://a');
  expect([await ask(), await ask()]).toEqual(['http://b', 'http://b']);
  expect(asked).toEqual(['http://a', 'http://a', 'http://a', 'http://b', 'http://b']);
  down.delete('http://a').valueOf();
  down.add('http://b').add('http://c');
  expect(await ask()).toBe('http://a');
  down.add('http://a');
  await expect(ask()).rejects.toThrow('http://c is down');
});

test('an instance that hangs leaves time for the others', async () => {
  vi.useFakeTimers();
  try {
    const rotation = createInstanceRotation(() => URLS);
    const asked: string[] = [];
    const answer = rotation.request(
      (url, signal) => {
        asked.push(url);
        return url === 'http://c' ? Promise.resolve('answer') : never(signal);
      },
      { timeoutMs: 900 },
    );
    await vi.advanceTimersByTimeAsync(299);
    expect(asked).toEqual(['http://a']);
    await vi.advanceTimersByTimeAsync(301);
    expect(asked).toEqual(URLS);
    expect(await answer).toBe('answer');
  } finally {
    vi.useRealTimers();
  }
});

test('a request that its caller gives up goes to no other instance', async () => {
  const controller = new AbortController();
  const asked: string[] = [];
  const answer = createInstanceRotation(() => URLS).request(
    (url, signal) => {
      asked.push(url);
      return never(signal);
    },
    { timeoutMs: 60_000, signal: controller.signal },
  );
  controller.abort(new Error('given up'));
  await expect(answer).rejects.toThrow('given up');
  expect(asked).toEqual(['http://a']);
});

test('without an address, the error says it', () =>
  expect(
    createInstanceRotation(() => []).request(() => Promise.resolve(1), { timeoutMs: 1 }),
  ).rejects.toThrow('the service has no address'));

test('a result that is not accepted is followed by the next instance, which is asked first from then on', async () => {
  const rotation = createInstanceRotation(() => URLS);
  const positions: Record<string, number> = { 'http://a': 1, 'http://b': 2, 'http://c': 3 };
  const asked: string[] = [];
  const ask = (wanted: number) =>
    rotation.request(
      (url) => {
        asked.push(url);
        const position = positions[url];
        return position === undefined ? Promise.reject(new Error('down')) : Promise.resolve(position);
      },
      { timeoutMs: 1_000, accept: (position) => position >= wanted },
    );
  expect(await ask(2)).toBe(2);
  expect(await ask(2)).toBe(2);
  expect(asked).toEqual(['http://a', 'http://b', 'http://b']);
  // None has it: the failure of one does not hide what the others have sent.
  delete positions['http://a'];
  expect(await ask(9)).toBe(3);
});
