import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../harness/test-platform.js';
import type { OpeningReading } from '../reference/alarm-table.js';
import { DATA_SETS, shuffle } from './data-sets.js';
import {
  createRules,
  fetchAlarmTable,
  fetchSimulationTable,
  recordReadings,
} from './gateway-alarm-tables.js';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ env: { PROJECTION_WAIT_MS: '10000' } });
});
afterAll(() => platform.close());

type Arrange = (readings: readonly OpeningReading[]) => readonly OpeningReading[];

const ARRANGEMENTS: readonly [string, Arrange, number][] = [
  ['in the order of the file', (readings) => readings, 100],
  ['in another order', shuffle, 100],
  ['with every reading twice', (readings) => shuffle([...readings, ...readings]), 100],
  ['one per request', (readings) => readings, 1],
  ['a thousand per request', (readings) => readings, 1_000],
];

describe.each(DATA_SETS)('%s', (name, isAvailable, read) => {
  describe.skipIf(!isAvailable)('through the gateway', () => {
    it.each(ARRANGEMENTS)('give the expected alarm table if sent %s', async (label, arrange, batchSize) => {
      const { rules, readings, expected } = read();
      const userId = `${name}, ${label}`;
      await createRules(platform.url, userId, rules);
      const sent = arrange(readings);
      const { accepted, duplicates, token } = await recordReadings(platform.url, userId, sent, batchSize);
      expect({ accepted, duplicates }).toStrictEqual({
        accepted: readings.length,
        duplicates: sent.length - readings.length,
      });
      expect(await fetchAlarmTable(platform.url, userId, token)).toBe(expected);
    });

    it('give the expected alarm table under rules that are created later with an earlier effectiveFrom', async () => {
      const { rules, readings, expected } = read();
      const userId = `${name}, rules afterwards`;
      await recordReadings(platform.url, userId, readings, 1_000);
      await createRules(platform.url, userId, rules);
      const { token } = await recordReadings(platform.url, userId, readings, 1_000);
      expect(await fetchAlarmTable(platform.url, userId, token)).toBe(expected);
    });

    it('give the expected alarm table by simulateRule', async () => {
      const { rules, readings, expected } = read();
      const userId = `${name}, simulated`;
      const { token } = await recordReadings(platform.url, userId, readings, 1_000);
      const instants = readings.map(({ at }) => at);
      const period = [Math.min(...instants), Math.max(...instants) + 1] as const;
      expect(await fetchSimulationTable(platform.url, userId, rules, period, token)).toBe(expected);
    });
  });
});
