import { describe, expect, it } from 'vitest';
import { listAlarms, type ReferenceAlarm } from './reference-evaluation.js';
import { WORKED_EXAMPLES } from './worked-examples.js';

const formatInstant = (at: number) => (at === Infinity ? 'active' : new Date(at).toISOString());

const formatAlarms = (alarms: readonly ReferenceAlarm[]) =>
  [...alarms]
    .sort((a, b) => a.raisedAt - b.raisedAt)
    .map(
      ({ kind, start, raisedAt, clearedAt }) =>
        `${kind} of ${formatInstant(start)}: ${formatInstant(raisedAt)} to ${formatInstant(clearedAt)}`,
    );

const sections = [...new Set(WORKED_EXAMPLES.map(({ section }) => section))];

describe.each(sections)('%s', (section) => {
  it.each(WORKED_EXAMPLES.filter((example) => example.section === section))('$name', (example) => {
    expect(formatAlarms(listAlarms(example))).toStrictEqual(formatAlarms(example.expected));
  });
});

it('gives the same alarms in any order of arrival', () => {
  for (const example of WORKED_EXAMPLES) {
    const hasDuplicates = new Set(example.readings.map(({ id }) => id)).size < example.readings.length;
    if (hasDuplicates) continue;
    const reversed = listAlarms({ ...example, readings: example.readings.toReversed() });
    expect(formatAlarms(reversed), example.name).toStrictEqual(formatAlarms(example.expected));
  }
});
