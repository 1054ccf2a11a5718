import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { createCodedError } from '../shared/errors.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  type RecordingSubscriber,
  prepareNow,
} from '../testing/test-executor.js';
import { createThingsFederation } from '../testing/things-federation.js';
import {
  createSourceEvent,
  type BackfillContext,
  type BackfillBatch,
  type SourceEvent,
} from './subscription-source.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

const federation = createThingsFederation();
const QUERY = 'subscription ($near: [Int!], $id: ID) { moved(near: $near, id: $id) { name } }';

/** A source over a log of numbers. The cursor is the last number seen; the argument `id` carries it. */
function setUp({ pageSize = (): number => 2, delay = () => Promise.resolve() } = {}) {
  const log: number[] = [];
  const createEvent = (n: number): SourceEvent =>
    createSourceEvent({ value: { id: 'x', name: String(n) }, cursor: String(n), position: n });
  let runningBackfills = 0;
  const source = createTestSource({
    resumeArgument: 'id',
    dependsOnCaller: false,
    async *backfill(_args, { after, signal }: BackfillContext<unknown>): AsyncGenerator<BackfillBatch> {
      runningBackfills += 1;
      signal.addEventListener('abort', () => (runningBackfills -= 1), { once: true });
      if (after === 'old') throw createCodedError('BAD_USER_INPUT', 'The cursor is too old.');
      let from = after === undefined ? log.length : Number(after);
      if (after === undefined) yield { events: [], upTo: from };
      while (from < log.length) {
        await delay();
        const page = log.slice(from, from + pageSize());
        from += page.length;
        yield { events: page.map(createEvent), upTo: from };
      }
      signal.throwIfAborted();
      runningBackfills -= 1;
    },
  });
  const executor = createTestExecutor(federation, { moved: source });
  return {
    source,
    executor,
    get runningBackfills() {
      return runningBackfills;
    },
    append: () => {
      log.push(log.length + 1);
      source.push(createEvent(log.length));
    },
    subscribe: (after?: string, chargeEvent?: () => void) => {
      const prepared = prepareNow(executor, {
        query: QUERY,
        variables: after === undefined ? {} : { id: after },
      });
      if ('errors' in prepared) throw new Error(prepared.errors.join());
      const recorder = createRecordingSubscriber();
      return { ...recorder, ...executor.subscribe(prepared, { chargeEvent }, recorder.subscriber) };
    },
  };
}

const numbers = ({ results }: Pick<RecordingSubscriber, 'results'>) =>
  results.map(({ data }) => Number((data as { moved: { name: string } }).moved.name));
const waitForTurns = async () => {
  for (let n = 0; n < 5; n += 1) await new Promise(setImmediate);
};

test('backfilled events are paid; a subscriber that cannot pay resumes after the last one it received', async () => {
  const { append, subscribe } = setUp();
  for (let n = 0; n < 5; n += 1) append();
  const createPurse = () => {
    let left = 3;
    return () => {
      if (left === 0) throw new GraphQLError('Subscribe again.', { extensions: { code: 'RATE_LIMITED' } });
      left -= 1;
    };
  };
  const first = subscribe('0', createPurse());
  expect(await first.ended).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  expect(numbers(first)).toStrictEqual([1, 2, 3]);
  const second = subscribe('3', createPurse());
  await waitForAssertion(() => expect(numbers(second)).toStrictEqual([4, 5]));
  // A live event that cannot be paid ends it too: event 8 must not arrive without event 7.
  for (let n = 0; n < 3; n += 1) append();
  expect(await second.ended).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  expect(numbers(second)).toStrictEqual([4, 5, 6]);
});

test('a subscriber receives the events after its cursor, then live events, each with a cursor', async () => {
  const { append, subscribe, source } = setUp();
  for (let n = 0; n < 5; n += 1) append();
  const fresh = subscribe();
  const resumed = subscribe('1');
  append();
  await waitForAssertion(() => expect(numbers(resumed)).toStrictEqual([2, 3, 4, 5, 6]));
  expect(numbers(fresh)).toStrictEqual([6]);
  expect(resumed.results.map(({ extensions }) => extensions)).toStrictEqual(
    [2, 3, 4, 5, 6].map((n) => ({ cursor: String(n) })),
  );
  // Subscriptions that differ in the cursor share one stream, and `subscribe` does not receive it.
  expect(source.receivedArguments).toStrictEqual([{ near: [1] }]);
});

test('live events that arrive during the backfill are sent once, after it', async () => {
  let release: () => void = () => undefined;
  const { append, subscribe } = setUp({ delay: () => new Promise((resolve) => (release = resolve)) });
  for (let n = 0; n < 3; n += 1) append();
  const resumed = subscribe('0');
  await waitForTurns();
  append();
  append();
  await waitForTurns();
  expect(numbers(resumed)).toStrictEqual([]);
  await waitForAssertion(() => {
    release();
    expect(numbers(resumed)).toStrictEqual([1, 2, 3, 4, 5]);
  });
});

test('a rejected cursor ends only its own subscription', async () => {
  const { append, subscribe, executor } = setUp();
  const other = subscribe();
  const rejected = subscribe('old');
  expect(await rejected.ended).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  append();
  await waitForAssertion(() => expect(numbers(other)).toStrictEqual([1]));
  expect(executor.runningSubscriptionCount).toBe(1);
});

test('a subscriber that leaves during the backfill stops it and leaves nothing open', async () => {
  const own = setUp({ delay: () => new Promise(() => undefined) });
  own.append();
  const resumed = own.subscribe('0');
  await waitForTurns();
  expect(own.runningBackfills).toBe(1);
  resumed.unsubscribe();
  expect([
    own.runningBackfills,
    own.executor.runningSubscriptionCount,
    own.source.openStreamCount,
  ]).toStrictEqual([0, 0, 0]);
});

test('a backfill can give a cursor before all events, in a payload without data', async () => {
  const backfill = async function* () {
    yield await Promise.resolve({ events: [], upTo: 0, cursor: 'c' });
  };
  const executor = createTestExecutor(federation, { moved: createTestSource({ backfill }) });
  const prepared = prepareNow(executor, { query: 'subscription { moved { name } }' });
  if ('errors' in prepared) throw new Error();
  const { subscriber, payloads, results } = createRecordingSubscriber();
  executor.subscribe(prepared, {}, subscriber);
  await waitForAssertion(() => expect(results).toStrictEqual([{ data: null, extensions: { cursor: 'c' } }]));
  expect(payloads[0]?.cursor).toBe('c');
});

test('equal events of several backfills are executed once', async () => {
  const events = [createSourceEvent({ value: { id: '1', name: 'a' }, cursor: 'c' })];
  const backfill = async function* () {
    yield await Promise.resolve({ events, upTo: 0 });
  };
  const executor = createTestExecutor(federation, {
    moved: createTestSource({ backfill, dependsOnCaller: false }),
  });
  const prepared = prepareNow(executor, { query: 'subscription { moved { name } }' });
  if ('errors' in prepared) throw new Error();
  const payloads = new Set<object>();
  let received = 0;
  for (let n = 0; n < 10; n += 1) {
    const next = (payload: object) => (payloads.add(payload), (received += 1));
    executor.subscribe(prepared, {}, { next, end: () => undefined, unsentBytes: 0 });
  }
  await waitForAssertion(() => expect(received).toBe(10));
  expect(payloads.size).toBe(1);
});

describe('when clients disconnect and resume at random times', () => {
  test('clients that resume with their last cursor receive every event once', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('append' as const) },
      { weight: 2, arbitrary: fc.constant('wait' as const) },
      { weight: 2, arbitrary: fc.record({ drop: fc.nat(2) }) },
    );
    let pageSize = 1;
    const { append, subscribe, executor } = setUp({ pageSize: (): number => pageSize });
    let last = 0;
    const appendNext = () => {
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
          appendNext();
          const clients = [0, 1, 2].map(() => ({
            received: [] as number[],
            current: subscribe(String(start)),
          }));
          for (const each of steps) {
            if (each === 'append') appendNext();
            else if (each === 'wait') await waitForTurns();
            else {
              const client = clients[each.drop]!;
              client.current.unsubscribe();
              client.received.push(...numbers(client.current));
              client.current = subscribe(String(client.received.at(-1) ?? start));
            }
          }
          for (const client of clients) {
            const getReceived = () => [...client.received, ...numbers(client.current)];
            await vi.waitFor(() => expect(getReceived().at(-1)).toBe(last), { interval: 1 });
            client.current.unsubscribe();
            expect(getReceived()).toStrictEqual(
              Array.from({ length: last - start }, (_, index) => start + index + 1),
            );
          }
          expect(executor.runningSubscriptionCount).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
