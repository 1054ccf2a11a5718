import { expect, test } from 'vitest';
import { describeTimeZoneData } from './time-zone-data.js';

test('names the zones whose changes the data lacks, and how to renew it', () => {
  expect(describeTimeZoneData('2025c')).toMatch(
    /^Time zone data: 2025c\. It lacks changes of Europe\/Chisinau, .*America\/Vancouver, .*Africa\/Casablanca, .*: install a newer Node\.js, see "Time zone data" in docs\/operations\.md\.$/,
  );
});

test.each(['2027a', 'unknown'])('lists no zones for %s', (version) => {
  expect(describeTimeZoneData(version)).toBe(`Time zone data: ${version}.`);
});
