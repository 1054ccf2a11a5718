import { HEALTH_STATUSES } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { statusBadge, unknownBadge } from './status-badge.js';

test('says the name and the status, to those who hear it too', () => {
  const svg = statusBadge('reports', 'UP');
  expect(svg).toContain('role="img" aria-label="reports: up"');
  expect(svg).toContain('<title>reports: up</title>');
  expect(svg).toMatch(/>reports<\/text>[^]*>up<\/text>/);
});

test('has a colour for each status', () => {
  const colours = HEALTH_STATUSES.map((status) => /.*fill="(#\w+)"/s.exec(statusBadge('a', status))?.[1]);
  expect(new Set(colours).size).toBe(5);
  expect(colours[HEALTH_STATUSES.indexOf('LATE')]).toBe(colours[HEALTH_STATUSES.indexOf('DEGRADED')]);
});

test('whatever the name, it is text', () => {
  const svg = unknownBadge(`<script>"'&\u0000\uD800</script>`);
  expect(svg).toContain('<title>&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;: no such service</title>');
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('\u0000');
});

test('a name without end is cut', () => {
  expect(unknownBadge('x'.repeat(10_000)).length).toBeLessThan(2_000);
});
