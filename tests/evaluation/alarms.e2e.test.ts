import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../harness/test-platform.js';
import type { OpeningReading } from '../reference/table.js';
import { DATA_SETS, shuffled } from './data-sets.js';
import { createRules, record, tableOfAlarms, tableOfSimulations } from './through-gateway.js';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ env: { PROJECTION_WAIT_MS: '10000' } });
});
afterAll(() => platform.close());

type Arrange = (readings: readonly OpeningReading[]) => readonly OpeningReading[];

const WAYS: readonly [string, Arrange, number][] = [
  ['in the order of the file', (readings) => readings, 100],
  ['shuffled', shuffled, 100],
  ['with every reading twice', (readings) => shuffled([...readings, ...readings]), 100],
  ['one a request', (readings) => readings, 1],
  ['a thousand a request', (readings) => readings, 1_000],
];

describe.each(DATA_SETS)('%s', (name, isThere, read) => {
  describe.skipIf(!isThere)('through the gateway', () => {
    it.each(WAYS)('give the table of alarms %s', async (way, arrange, batch) => {
      const { rules, readings, expected } = read();
      const userId = `${name}, ${way}`;
      await createRules(platform.url, userId, rules);
      const sent = arrange(readings);
      const { accepted, duplicates, token } = await record(platform.url, userId, sent, batch);
      expect({ accepted, duplicates }).toStrictEqual({
        accepted: readings.length,
        duplicates: sent.length - readings.length,
      });
      expect(await tableOfAlarms(platform.url, userId, token)).toBe(expected);
    });

    it('give it by rules that are made afterwards, and begin before', async () => {
      const { rules, readings, expected } = read();
      const userId = `${name}, rules afterwards`;
      await record(platform.url, userId, readings, 1_000);
      await createRules(platform.url, userId, rules);
      const { token } = await record(platform.url, userId, readings, 1_000);
      expect(await tableOfAlarms(platform.url, userId, token)).toBe(expected);
    });

    it('give it by rules that are never saved', async () => {
      const { rules, readings, expected } = read();
      const userId = `${name}, simulated`;
      const { token } = await record(platform.url, userId, readings, 1_000);
      const instants = readings.map(({ at }) => at);
      const span = [Math.min(...instants), Math.max(...instants) + 1] as const;
      expect(await tableOfSimulations(platform.url, userId, rules, span, token)).toBe(expected);
    });
  });
});
