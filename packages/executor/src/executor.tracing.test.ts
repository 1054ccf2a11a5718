import { expect, test } from 'vitest';
import type { OperationTrace } from './shared/operation-trace.js';
import { createSourceEvent } from './subscriptions/subscription-source.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  executeTestRequest,
  prepareNow,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';
import { waitForAssertion } from './testing/wait-for-assertion.js';

const federation = createThingsFederation();

/** A trace that writes down its calls. */
function recordTrace(calls: unknown[][] = []) {
  const trace: OperationTrace = {
    setOperation: () => undefined,
    startPlanning() {
      calls.push(['plan']);
      return () => calls.push(['planned']);
    },
    startFetch({ subgraph, kind, entityCount }) {
      calls.push(['fetch', subgraph, kind, entityCount]);
      return { headers: { traceparent: 'fetch' }, end: (code) => calls.push(['fetched', code]) };
    },
    startEvent(traceparent, field) {
      calls.push(['event', traceparent, field]);
      return { ...trace, end: (subscribers) => calls.push(['sent', subscribers]) };
    },
    end: () => undefined,
  };
  return { trace, calls };
}

test('a trace learns of each subgraph request, and adds its headers', async () => {
  const { trace, calls } = recordTrace();
  const received: unknown[] = [];
  const executor = createTestExecutor(
    federation,
    {},
    {
      createDataSource: () => ({
        fetch(_request, { traceHeaders }) {
          received.push(traceHeaders);
          return Promise.resolve({
            data: null,
            errors: [{ message: 'no', extensions: { code: 'REFUSED' } }],
          });
        },
      }),
    },
  );
  const context = { trace, traceHeaders: () => ({ 'x-id': '1' }) };
  await executeTestRequest(executor, '{ thing { id } }', { context });
  expect(calls).toEqual([
    ['fetch', expect.any(String), 'query', undefined],
    ['fetched', 'REFUSED'],
  ]);
  expect(received).toEqual([{ 'x-id': '1', traceparent: 'fetch' }]);
});

test('a data source that throws ends the trace of its request', async () => {
  const { trace, calls } = recordTrace();
  const createFailing = (fetch: () => Promise<never>) =>
    createTestExecutor(federation, {}, { createDataSource: () => ({ fetch }) });
  await executeTestRequest(
    createFailing(() => Promise.reject(new Error('later'))),
    '{ thing { id } }',
    {
      context: { trace },
    },
  );
  const throwing = createFailing(() => {
    throw new Error('at once');
  });
  await executeTestRequest(throwing, '{ thing { id } }', { context: { trace } });
  expect(calls.filter(([name]) => name === 'fetched')).toEqual([
    ['fetched', 'INTERNAL_SERVER_ERROR'],
    ['fetched', 'INTERNAL_SERVER_ERROR'],
  ]);
});

test('a client learns of the planning of an operation, and not of a plan in the cache', () => {
  const { trace, calls } = recordTrace();
  const executor = createTestExecutor(federation);
  const client = { startPlanning: () => trace.startPlanning() };
  prepareNow(executor, { query: '{ thing { id name } }' }, client);
  expect(calls).toEqual([['plan'], ['planned']]);
  prepareNow(executor, { query: '{ thing { id name } }' }, client);
  expect(calls).toHaveLength(2);
});

test('an event with a trace context has one trace for all subscribers, and its fetch belongs to it', async () => {
  const { trace, calls } = recordTrace();
  const source = createTestSource({ snapshot: '{ id name status }' });
  const executor = createTestExecutor(federation, { moved: source });
  const prepared = prepareNow(executor, { query: 'subscription { moved { id label } }' });
  if ('errors' in prepared) throw new Error(prepared.errors.join());
  const recorders = Array.from({ length: 3 }, createRecordingSubscriber);
  for (const { subscriber } of recorders) {
    executor.subscribe(prepared, { trace, authorizationKey: 'ana' }, subscriber);
  }
  source.push({ id: '1' });
  source.push(createSourceEvent({ value: { id: '2' }, traceparent: 'cause' }));
  await waitForAssertion(() => {
    for (const { results } of recorders) expect(results).toHaveLength(2);
  });
  await waitForAssertion(() =>
    expect(calls).toEqual([
      ['event', 'cause', 'moved'],
      ['fetch', expect.any(String), 'query', 1],
      ['fetched', undefined],
      ['sent', 3],
    ]),
  );
});
