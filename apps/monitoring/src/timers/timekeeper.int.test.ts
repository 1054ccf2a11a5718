import { createLogger } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestClock } from '../testing/clock.js';
import { openTestLog, type TestLog } from '../testing/log.js';
import { validRule } from '../testing/rules.js';
import { toldBy } from '../testing/told.js';
import type { Agenda } from './agenda.js';
import { createTimekeeper, type Timekeeper } from './timekeeper.js';

let test: TestLog;
let clock: ReturnType<typeof createTestClock>;
beforeEach(() => {
  clock = createTestClock('2026-01-31T08:00:00.000Z');
  test = openTestLog({ now: clock.now });
});
afterEach(() => test.close());

const open = (opening: string) => ({ id: opening, opening, state: 'OPEN' as const, at: clock.now() });
const record = (...openings: string[]) =>
  test.commands.recordReadings({ userId: 'ana', readings: openings.map(open) });
const raised = async () => [...(await toldBy(test.log, 'ana')).alarms.values()];

describe('the timekeeper', () => {
  it('raises what falls due while nobody asks, when the wall clock says so', async () => {
    await test.commands.createRule(validRule({ maxOpenSeconds: 600 }));
    test.stores.timekeeper.start();
    await record('Shop');
    clock.pass(599);
    await test.commands.createRule(validRule({ name: 'Other', opening: 'Door', maxOpenSeconds: 2 }));
    await record('Door');
    clock.pass(2);
    await eventually(async () => expect(await raised()).toHaveLength(2));
    expect((await raised()).map(({ opening, raisedAt }) => [opening, raisedAt])).toEqual([
      ['Shop', '2026-01-31T08:10:00.000Z'],
      ['Door', '2026-01-31T08:10:01.000Z'],
    ]);
  });

  it('is not confused by a clock that is set back', async () => {
    await test.commands.createRule(validRule({ maxOpenSeconds: 60 }));
    test.stores.timekeeper.start();
    await record('Shop');
    clock.pass(-3_600);
    await test.commands.createRule(validRule({ name: 'Other', opening: 'Door', maxOpenSeconds: 1 }));
    await record('Door');
    clock.pass(2);
    await eventually(async () => expect(await raised()).toMatchObject([{ opening: 'Door' }]));
    clock.pass(3_660);
    await eventually(async () => expect(await raised()).toHaveLength(2));
  });

  it('works what fell due while it was down as soon as it starts, many openings at once', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `Door ${i}`);
    await Promise.all(
      names.map((opening) => test.commands.createRule(validRule({ opening, maxOpenSeconds: 60 }))),
    );
    await record(...names);
    clock.pass(3_600);
    await test.reopen();
    test.stores.timekeeper.start();
    await eventually(async () => expect(await raised()).toHaveLength(300));
    expect(new Set((await raised()).map(({ raisedAt }) => raisedAt))).toEqual(
      new Set(['2026-01-31T08:01:00.000Z']),
    );
  });
});

/** An agenda by hand: each piece of work waits to be let go. */
function byHand() {
  const log: string[] = [];
  let due = Infinity;
  let fail = false;
  const agenda: Agenda = {
    next: () => (due === Infinity ? undefined : due),
    work() {
      if (fail) {
        fail = false;
        log.push('failed');
        return Promise.reject(new Error('the disk is full'));
      }
      const isDue = due <= Date.parse(clock.now());
      if (isDue) {
        log.push(`worked ${due}`);
        due = Infinity;
      }
      return Promise.resolve(isDue);
    },
  };
  const plan = (keeper: Timekeeper, at: number) => {
    due = at;
    keeper.notice(at);
  };
  return { agenda, log, plan, failOnce: () => void (fail = true) };
}

it('tries again after an error', async () => {
  const { agenda, log, plan, failOnce } = byHand();
  const keeper = createTimekeeper({ agenda, now: () => clock.now(), logger: createLogger('test', 'silent') });
  keeper.start();
  failOnce();
  plan(keeper, Date.parse(clock.now()) - 1);
  await eventually(() => expect(log).toEqual(['failed']));
  clock.pass(2);
  await eventually(() => expect(log).toHaveLength(2));
  await keeper.stop();
  plan(keeper, 0);
  expect(log).toHaveLength(2);
});
