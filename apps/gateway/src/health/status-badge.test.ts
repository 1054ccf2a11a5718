import { HEALTH_STATUSES } from '@seguridad-abc/contracts';
import { expect, test } from 'vitest';
import { renderStatusBadge, renderUnknownServiceBadge } from './status-badge.js';

test('a badge has the name and the status as text, title and label', () => {
  const svg = renderStatusBadge('reports', 'UP');
  expect(svg).toContain('role="img" aria-label="reports: up"');
  expect(svg).toContain('<title>reports: up</title>');
  expect(svg).toMatch(/>reports<\/text>[^]*>up<\/text>/);
});

test('each status has a color; LATE and DEGRADED share one', () => {
  const colors = HEALTH_STATUSES.map(
    (status) => /.*fill="(#\w+)"/s.exec(renderStatusBadge('a', status))?.[1],
  );
  expect(new Set(colors).size).toBe(5);
  expect(colors[HEALTH_STATUSES.indexOf('LATE')]).toBe(colors[HEALTH_STATUSES.indexOf('DEGRADED')]);
});

test('any name is escaped as text', () => {
  const svg = renderUnknownServiceBadge(`<script>"'&\u0000\uD800</script>`);
  expect(svg).toContain('<title>&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;: no such service</title>');
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('\u0000');
});

test('a long name is cut', () => {
  expect(renderUnknownServiceBadge('x'.repeat(10_000)).length).toBeLessThan(2_000);
});
