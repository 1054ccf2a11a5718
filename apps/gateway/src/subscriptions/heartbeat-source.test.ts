import { HEALTH_STATUSES, type ServiceHealth } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serviceHealth } from '../testing/health-fixtures.js';
import {
  findServiceStatusUpdates,
  toDeliveredStatuses,
  type DeliveredStatuses,
  type ServiceStatusUpdate,
} from './heartbeat-source.js';

const nothing: DeliveredStatuses = new Map();
const services = (updates: readonly ServiceStatusUpdate[]) => updates.map(({ service }) => service);
const names = (updates: readonly ServiceStatusUpdate[]) => services(updates).map(({ name }) => name);

describe('a subscriber', () => {
  const current = [serviceHealth('a'), serviceHealth('b'), serviceHealth('c')];

  test('first needs every service that it requested', () => {
    expect(services(findServiceStatusUpdates(nothing, current, null))).toStrictEqual(current);
    expect(names(findServiceStatusUpdates(nothing, current, ['c', 'a', 'unknown']))).toStrictEqual([
      'a',
      'c',
    ]);
    expect(findServiceStatusUpdates(nothing, current, [])).toStrictEqual([]);
  });

  test('a subscriber with every status needs only the services that changed', () => {
    const delivered = toDeliveredStatuses(current, null);
    const changed = [serviceHealth('a'), serviceHealth('b', 'DOWN', 3), serviceHealth('d')];
    expect(names(findServiceStatusUpdates(delivered, changed, null))).toStrictEqual(['b', 'd']);
    expect(names(findServiceStatusUpdates(delivered, changed, ['a', 'd']))).toStrictEqual(['d']);
  });

  test('needs a status that began again, but not a changed reason', () => {
    const delivered = toDeliveredStatuses(current, null);
    const [a] = current;
    expect(
      findServiceStatusUpdates(
        delivered,
        [{ ...a!, reason: 'newer', lastBeatAt: null, instances: [] }],
        null,
      ),
    ).toStrictEqual([]);
    expect(names(findServiceStatusUpdates(delivered, [serviceHealth('a', 'UP', 9)], null))).toStrictEqual([
      'a',
    ]);
  });

  test('needs no update for a service that disappears and returns unchanged', () => {
    const delivered = toDeliveredStatuses(current, null);
    expect(findServiceStatusUpdates(delivered, [], null)).toStrictEqual([]);
    expect(findServiceStatusUpdates(delivered, current, null)).toStrictEqual([]);
  });
});

test('each update states what is delivered after it', () => {
  const current = [serviceHealth('a'), serviceHealth('b'), serviceHealth('c')];
  expect(
    findServiceStatusUpdates(nothing, current, ['a', 'c']).map(({ deliveredStatuses }) => [
      ...deliveredStatuses.keys(),
    ]),
  ).toStrictEqual([['a'], ['a', 'c']]);
  expect(findServiceStatusUpdates(nothing, current, ['a', 'c']).at(-1)?.deliveredStatuses).toStrictEqual(
    toDeliveredStatuses(current, ['a', 'c']),
  );
});

test('after any sequence of reports, each change was delivered once and the last delivery is current', () => {
  const reported = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      status: fc.constantFrom(...HEALTH_STATUSES),
      since: fc.integer({ min: 0, max: 3 }),
    }),
    { selector: ({ name }) => name },
  );
  const requested = fc.option(fc.subarray(['a', 'b', 'c']), { nil: null });
  fc.assert(
    fc.property(fc.array(reported), requested, (reports, requestedNames) => {
      let delivered = nothing;
      const received = new Map<string, ServiceHealth>();
      const toKey = (service: ServiceHealth | undefined) => service && `${service.status} ${service.since}`;
      for (const each of reports) {
        const current = each.map(({ name, status, since }) => serviceHealth(name, status, since));
        for (const { service: change, deliveredStatuses } of findServiceStatusUpdates(
          delivered,
          current,
          requestedNames,
        )) {
          delivered = deliveredStatuses;
          expect(toKey(received.get(change.name))).not.toBe(toKey(change));
          received.set(change.name, change);
        }
        for (const service of current) {
          if (requestedNames === null || requestedNames.includes(service.name))
            expect(toKey(received.get(service.name))).toBe(toKey(service));
          else expect(received.has(service.name)).toBe(false);
        }
      }
    }),
  );
});
