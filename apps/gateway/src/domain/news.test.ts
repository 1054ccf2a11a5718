import { HEALTH_STATUSES, type ServiceSnapshot } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { service } from '../testing/reports.js';
import { newsFor, type Told } from './news.js';

const nothing: Told = new Map();
const names = (services: readonly ServiceSnapshot[]) => services.map(({ name }) => name);

describe('a subscriber', () => {
  const present = [service('a'), service('b'), service('c')];

  test('is first told of everything that it asked for', () => {
    expect(newsFor(nothing, present, null).changes).toStrictEqual(present);
    expect(names(newsFor(nothing, present, ['c', 'a', 'nobody']).changes)).toStrictEqual(['a', 'c']);
    expect(newsFor(nothing, present, []).changes).toStrictEqual([]);
  });

  test('is then told what has changed', () => {
    const { told } = newsFor(nothing, present, null);
    const changed = [service('a'), service('b', 'DOWN', 3), service('d')];
    expect(names(newsFor(told, changed, null).changes)).toStrictEqual(['b', 'd']);
    expect(names(newsFor(told, changed, ['a', 'd']).changes)).toStrictEqual(['d']);
  });

  test('is told of the same status that began anew, and not of newer figures', () => {
    const { told } = newsFor(nothing, present, null);
    const [a] = present;
    expect(
      newsFor(told, [{ ...a!, reason: 'newer', lastBeatAt: null, instances: [] }], null).changes,
    ).toStrictEqual([]);
    expect(names(newsFor(told, [service('a', 'UP', 9)], null).changes)).toStrictEqual(['a']);
  });

  test('hears nothing of a service that goes and comes back as it was', () => {
    const { told } = newsFor(nothing, present, null);
    const gone = newsFor(told, [], null);
    expect(gone.changes).toStrictEqual([]);
    expect(newsFor(gone.told, present, null).changes).toStrictEqual([]);
  });
});

test('whatever comes, every change is told exactly once and the last word is the present', () => {
  const services = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      status: fc.constantFrom(...HEALTH_STATUSES),
      since: fc.integer({ min: 0, max: 3 }),
    }),
    { selector: ({ name }) => name },
  );
  const wanted = fc.option(fc.subarray(['a', 'b', 'c']), { nil: null });
  fc.assert(
    fc.property(fc.array(services), wanted, (reports, only) => {
      let told = nothing;
      const heard = new Map<string, ServiceSnapshot>();
      const mark = (each: ServiceSnapshot | undefined) => each && `${each.status} ${each.since}`;
      for (const each of reports) {
        const present = each.map(({ name, status, since }) => service(name, status, since));
        const news = newsFor(told, present, only);
        told = news.told;
        for (const change of news.changes) {
          expect(mark(heard.get(change.name))).not.toBe(mark(change));
          heard.set(change.name, change);
        }
        for (const now of present) {
          if (only === null || only.includes(now.name)) expect(mark(heard.get(now.name))).toBe(mark(now));
          else expect(heard.has(now.name)).toBe(false);
        }
      }
    }),
  );
});
