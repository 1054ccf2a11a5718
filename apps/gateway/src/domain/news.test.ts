import { HEALTH_STATUSES, type ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { service } from '../testing/reports.js';
import { allTold, newsFor, type News, type Told } from './news.js';

const nothing: Told = new Map();
const services = (news: readonly News[]) => news.map(({ service: each }) => each);
const names = (news: readonly News[]) => services(news).map(({ name }) => name);

describe('a subscriber', () => {
  const present = [service('a'), service('b'), service('c')];

  test('is first told of everything that it asked for', () => {
    expect(services(newsFor(nothing, present, null))).toStrictEqual(present);
    expect(names(newsFor(nothing, present, ['c', 'a', 'nobody']))).toStrictEqual(['a', 'c']);
    expect(newsFor(nothing, present, [])).toStrictEqual([]);
  });

  test('is then told what has changed', () => {
    const told = allTold(present, null);
    const changed = [service('a'), service('b', 'DOWN', 3), service('d')];
    expect(names(newsFor(told, changed, null))).toStrictEqual(['b', 'd']);
    expect(names(newsFor(told, changed, ['a', 'd']))).toStrictEqual(['d']);
  });

  test('is told of the same status that began anew, and not of newer figures', () => {
    const told = allTold(present, null);
    const [a] = present;
    expect(newsFor(told, [{ ...a!, reason: 'newer', lastBeatAt: null, instances: [] }], null)).toStrictEqual(
      [],
    );
    expect(names(newsFor(told, [service('a', 'UP', 9)], null))).toStrictEqual(['a']);
  });

  test('hears nothing of a service that goes and comes back as it was', () => {
    const told = allTold(present, null);
    expect(newsFor(told, [], null)).toStrictEqual([]);
    expect(newsFor(told, present, null)).toStrictEqual([]);
  });
});

test('with each service that is told, that is known to have been told', () => {
  const present = [service('a'), service('b'), service('c')];
  expect(newsFor(nothing, present, ['a', 'c']).map(({ told }) => [...told.keys()])).toStrictEqual([
    ['a'],
    ['a', 'c'],
  ]);
  expect(newsFor(nothing, present, ['a', 'c']).at(-1)?.told).toStrictEqual(allTold(present, ['a', 'c']));
});

test('whatever comes, every change is told exactly once and the last word is the present', () => {
  const reported = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      status: fc.constantFrom(...HEALTH_STATUSES),
      since: fc.integer({ min: 0, max: 3 }),
    }),
    { selector: ({ name }) => name },
  );
  const wanted = fc.option(fc.subarray(['a', 'b', 'c']), { nil: null });
  fc.assert(
    fc.property(fc.array(reported), wanted, (reports, only) => {
      let told = nothing;
      const heard = new Map<string, ServiceHealthSnapshot>();
      const mark = (each: ServiceHealthSnapshot | undefined) => each && `${each.status} ${each.since}`;
      for (const each of reports) {
        const present = each.map(({ name, status, since }) => service(name, status, since));
        for (const { service: change, told: next } of newsFor(told, present, only)) {
          told = next;
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
