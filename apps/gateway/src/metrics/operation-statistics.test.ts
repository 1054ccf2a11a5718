import { parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { createOperationStatistics } from './operation-statistics.js';

const parseOperation = (text: string) => parse(text).definitions[0] as OperationDefinitionNode;
const OK = { data: { rules: [] } };
const ERROR = { message: 'failed' };

test('operations are counted by name, kind and outcome', () => {
  const statistics = createOperationStatistics();
  const rules = parseOperation('query Rules { rules { id } }');
  statistics.record(rules, true, OK, 4);
  statistics.record(rules, true, { ...OK, errors: [ERROR] }, 6);
  statistics.record(parseOperation('query Rules { rules { name } }'), true, { errors: [ERROR] }, 1);
  statistics.record(parseOperation('mutation Rules { a }'), true, OK, 1);
  statistics.record(parseOperation('{ rules { id } }'), false, OK, 1);
  const counts = statistics.list();
  expect(
    counts.map(({ kind, name, okCount, partialCount, failedCount }) => [
      ...[kind, name],
      ...[okCount, partialCount, failedCount],
    ]),
  ).toEqual([
    ['query', 'Rules', 1, 1, 1],
    ['mutation', 'Rules', 1, 0, 0],
    ['query', 'unnamed', 1, 0, 0],
  ]);
  expect(counts[0]?.durations.sumSeconds).toBeCloseTo(0.011);
});

test('clients without a token, long names and the 101st name count as other', () => {
  const statistics = createOperationStatistics();
  const record = (name: string, isIdentified: boolean) =>
    statistics.record(parseOperation(`query ${name} { a }`), isIdentified, OK, 1);
  record('Unknown', false);
  record('Unknown', false);
  record('x'.repeat(65), true);
  for (let index = 0; index < 101; index++) record(`Query${index}`, true);
  record('Query7', false);
  const counts = statistics.list();
  expect(counts).toHaveLength(101);
  expect(counts.find(({ name }) => name === 'other')?.okCount).toBe(4);
  expect(counts.find(({ name }) => name === 'Query7')?.okCount).toBe(2);
});

test('a name that an anonymous client has sent first is counted when a known client sends it', () => {
  const statistics = createOperationStatistics();
  const node = parseOperation('query Rules { rules { id } }');
  statistics.record(node, false, OK, 1);
  statistics.record(node, true, OK, 1);
  statistics.record(node, false, OK, 1);
  expect(statistics.list().map(({ name, okCount }) => [name, okCount])).toEqual([
    ['other', 1],
    ['Rules', 2],
  ]);
});
