import { expect, test } from 'vitest';
import { runChaos } from './run-chaos.js';
import { formatVerdict } from './verdict.js';

const LIMIT_MS = 600_000;

/** Those that heal fast: `npm run chaos` runs all of them. */
const FAULTS = [
  'kill',
  'redis-kill',
  'redis-pause',
  'stream-trim',
  'reports-delete',
  'rebuild',
  'disk-full',
  'slow-subscriber',
] as const;

test(
  'in a minute of faults nothing confirmed is lost or doubled, and health reports every outage',
  async () => {
    const log: string[] = [];
    const { history, checks } = await runChaos({
      seed: 15,
      minutes: 1,
      faults: FAULTS,
      log: (text) => log.push(text),
    });
    const report = [...log, formatVerdict(checks)].join('\n');
    expect(
      checks.flatMap(({ violations }) => violations),
      report,
    ).toEqual([]);
    // The clients have worked, and the nemesis too.
    expect(history.commands.length, report).toBeGreaterThan(50);
    expect(history.readings.length, report).toBeGreaterThan(50);
    expect(history.final.alarms.length, report).toBeGreaterThan(10);
    expect(history.periods.length, report).toBeGreaterThan(2);
  },
  LIMIT_MS,
);
