import { formatInstant } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { openTestStorage, usesPostgres, type TestStorage } from '../testing/test-storage.js';

const NOW = Date.parse('2026-03-27T20:00:00Z');

let statements: string[];
let test: TestStorage;
beforeEach(async () => {
  statements = [];
  test = await openTestStorage({
    now: () => formatInstant(NOW),
    onStatement: (statement) => statements.push(statement),
  });
});
afterEach(() => test.close());

let readingCount = 0;
let ruleCount = 0;
/** @param startSecond seconds from now of the first reading; the others follow each second */
const createReadings = (count: number, startSecond: number, openings = 1) =>
  Array.from({ length: count }, (_, index) => ({
    id: `reading ${++readingCount}`,
    opening: `Door ${index % openings}`,
    state: index % 2 === 0 ? ('OPEN' as const) : ('CLOSED' as const),
    at: formatInstant(NOW + (startSecond + index) * 1_000),
  }));
const record = (...args: Parameters<typeof createReadings>) =>
  test.commands.recordReadings({ userId: 'ana', readings: createReadings(...args) });

/** Counts the statements of a command, without those that begin and end its transaction. */
async function count(run: () => Promise<unknown>): Promise<number> {
  statements = [];
  await run();
  return statements.length;
}

async function createRules(number: number, conditions: Parameters<typeof createRuleInput>[0]) {
  for (let index = 0; index < number; index++)
    await test.commands.createRule(
      createRuleInput({ name: `Rule ${++ruleCount}`, opening: 'Door 0', windows: null, ...conditions }),
    );
}

/** At most so many statements: over a network, each wait for an answer takes as long as many rows. */
const MAX_STATEMENTS = {
  '1 reading without a rule': 18,
  '100 readings without a rule': 35,
  '1 reading with 1 rule': 20,
  '100 readings with 5 rules': 35,
  '1 reading that raises 2 alarms': 24,
  '100 readings of 10 openings': 123,
  '100 readings with 2 rules about silences': 42,
};

it.runIf(usesPostgres)('a command takes few statements, however many readings it has', async () => {
  const counts: Partial<Record<keyof typeof MAX_STATEMENTS, number>> = {};
  const measure = async (name: keyof typeof counts, ...args: Parameters<typeof createReadings>) => {
    counts[name] = await count(() => record(...args));
  };
  await record(2, -1_000);
  await measure('1 reading without a rule', 1, -900);
  await measure('100 readings without a rule', 100, -800);
  await createRules(1, { maxOpenSeconds: 3_600 });
  await measure('1 reading with 1 rule', 1, -600);
  await createRules(4, { maxOpenSeconds: 3_600 });
  await measure('100 readings with 5 rules', 100, -500);
  await createRules(2, { maxOpenSeconds: 10 });
  await measure('1 reading that raises 2 alarms', 1, -300);
  await measure('100 readings of 10 openings', 100, -200, 10);
  await createRules(2, { silentAfterSeconds: 60 });
  await measure('100 readings with 2 rules about silences', 100, -90_000);
  for (const [name, most] of Object.entries(MAX_STATEMENTS))
    expect(counts[name as keyof typeof counts], name).toBeLessThanOrEqual(most);
});
