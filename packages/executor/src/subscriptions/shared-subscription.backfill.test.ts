import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createCodedError } from '../shared/errors.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  type RecordingSubscriber,
} from '../testing/test-executor.js';
import { createThingsFederation } from '../testing/things-federation.js';
import {
  createSourceEvent,
  type BackfillContext,
  type BackfillBatch,
  type SourceEvent,
} from './subscription-source.js';

const federation = createThingsFederation();
const QUERY = 'subscription ($near: [Int!], $id: ID) { moved(near: $near, id: $id) { name } }';

/** A log of numbers: its cursor is the last one seen, and `id` is the argument that brings it. */
function setUp({ pageSize = (): number => 2, slow = () => Promise.resolve() } = {}) {
  const log: number[] = [];
  const eventOf = (n: number): SourceEvent =>
    createSourceEvent({ value: { id: 'x', name: String(n) }, cursor: String(n), position: n });
  let begun = 0;
  let beginning = 0;
  const source = createTestSource({
    resumeArgument: 'id',
    dependsOnCaller: false,
    async *backfill(_args, { after, signal }: BackfillContext<unknown>): AsyncGenerator<BackfillBatch> {
      begun += 1;
      beginning += 1;
      signal.addEventListener('abort', () => (beginning -= 1), { once: true });
      if (after === 'old') throw createCodedError('BAD_USER_INPUT', 'The cursor is too old.');
      let from = after === undefined ? log.length : Number(after);
      if (after === undefined) yield { events: [], upTo: from };
      while (from < log.length) {
        await slow();
        const page = log.slice(from, from + pageSize());
        from += page.length;
        yield { events: page.map(eventOf), upTo: from };
      }
      signal.throwIfAborted();
      beginning -= 1;
    },
  });
  const executor = createTestExecutor(federation, { moved: source });
  return {
    source,
    executor,
    get begun() {
      return begun;
    },
    get beginning() {
      return beginning;
    },
    append: () => {
      log.push(log.length + 1);
      source.push(eventOf(log.length));
    },
    subscribe: (after?: string) => {
      const prepared = executor.prepare({
        query: QUERY,
        variables: after === undefined ? {} : { id: after },
      });
      if ('errors' in prepared) throw new Error(prepared.errors.join());
      const heard = createRecordingSubscriber();
      return { ...heard, ...executor.subscribe(prepared, {}, heard.subscriber) };
    },
  };
}

const numbers = ({ results }: Pick<RecordingSubscriber, 'results'>) =>
  results.map(({ data }) => Number((data as { moved: { name: string } }).moved.name));
const settle = async () => {
  for (let n = 0; n < 5; n += 1) await new Promise(setImmediate);
};

test('a subscriber is told what came since its cursor, and then what comes, with cursors', async () => {
  const { append, subscribe, source } = setUp();
  for (let n = 0; n < 5; n += 1) append();
  const fresh = subscribe();
  const resumed = subscribe('1');
  append();
  await vi.waitFor(() => expect(numbers(resumed)).toStrictEqual([2, 3, 4, 5, 6]));
  expect(numbers(fresh)).toStrictEqual([6]);
  expect(resumed.results.map(({ extensions }) => extensions)).toStrictEqual(
    [2, 3, 4, 5, 6].map((n) => ({ cursor: String(n) })),
  );
  // The cursor is no reason not to share, and the source does not see it.
  expect(source.receivedArguments).toStrictEqual([{ near: [1] }]);
});

test('what comes while the beginning is read is told after it, and once', async () => {
  let release: () => void = () => undefined;
  const { append, subscribe } = setUp({ slow: () => new Promise((resolve) => (release = resolve)) });
  for (let n = 0; n < 3; n += 1) append();
  const resumed = subscribe('0');
  await settle();
  append();
  append();
  await settle();
  expect(numbers(resumed)).toStrictEqual([]);
  await vi.waitFor(() => {
    release();
    expect(numbers(resumed)).toStrictEqual([1, 2, 3, 4, 5]);
  });
});

test('a cursor that is refused ends that subscription alone', async () => {
  const { append, subscribe, executor } = setUp();
  const other = subscribe();
  const refused = subscribe('old');
  expect(await refused.ended).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  append();
  await vi.waitFor(() => expect(numbers(other)).toStrictEqual([1]));
  expect(executor.runningSubscriptions).toBe(1);
});

test('one that leaves while it is told the beginning stops that, and leaves nothing', async () => {
  const own = setUp({ slow: () => new Promise(() => undefined) });
  own.append();
  const resumed = own.subscribe('0');
  await settle();
  expect(own.beginning).toBe(1);
  resumed.unsubscribe();
  expect([own.beginning, own.executor.runningSubscriptions, own.source.openStreamCount]).toStrictEqual([
    0, 0, 0,
  ]);
});

test('the same events of a beginning are executed once', async () => {
  const events = [createSourceEvent({ value: { id: '1', name: 'a' }, cursor: 'c' })];
  const backfill = async function* () {
    yield await Promise.resolve({ events, upTo: 0 });
  };
  const executor = createTestExecutor(federation, {
    moved: createTestSource({ backfill, dependsOnCaller: false }),
  });
  const prepared = executor.prepare({ query: 'subscription { moved { name } }' });
  if ('errors' in prepared) throw new Error();
  const payloads = new Set<object>();
  let told = 0;
  for (let n = 0; n < 10; n += 1) {
    const next = (payload: object) => (payloads.add(payload), (told += 1));
    executor.subscribe(prepared, {}, { next, end: () => undefined, unsentBytes: 0 });
  }
  await vi.waitFor(() => expect(told).toBe(10));
  expect(payloads.size).toBe(1);
});

describe('whatever happens in between', () => {
  test('clients that drop and resume with their last cursor miss nothing and hear nothing twice', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('append' as const) },
      { weight: 2, arbitrary: fc.constant('wait' as const) },
      { weight: 2, arbitrary: fc.record({ drop: fc.nat(2) }) },
    );
    let pageSize = 1;
    const { append, subscribe, executor } = setUp({ pageSize: (): number => pageSize });
    let last = 0;
    const tell = () => {
      append();
      last += 1;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, size) => {
          pageSize = size;
          const start = last;
          tell();
          const clients = [0, 1, 2].map(() => ({ heard: [] as number[], now: subscribe(String(start)) }));
          for (const each of steps) {
            if (each === 'append') tell();
            else if (each === 'wait') await settle();
            else {
              const client = clients[each.drop]!;
              client.now.unsubscribe();
              client.heard.push(...numbers(client.now));
              client.now = subscribe(String(client.heard.at(-1) ?? start));
            }
          }
          for (const client of clients) {
            const heard = () => [...client.heard, ...numbers(client.now)];
            await vi.waitFor(() => expect(heard().at(-1)).toBe(last), { interval: 1 });
            client.now.unsubscribe();
            expect(heard()).toStrictEqual(
              Array.from({ length: last - start }, (_, index) => start + index + 1),
            );
          }
          expect(executor.runningSubscriptions).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
