import { expect, test } from 'vitest';
import { heartbeatSchema } from './health-messages.js';

const HEARTBEAT = {
  v: 1,
  service: 'reports',
  instance: 'host:4002',
  version: '0.1.0',
  startedAt: '2026-01-31T08:00:00.000Z',
  sequence: 1,
  intervalMs: 2_000,
  status: 'ok',
  loopDelayMs: 1,
};
const isAccepted = (overrides: object) => heartbeatSchema.safeParse({ ...HEARTBEAT, ...overrides }).success;

test.each([
  { service: 'Puerta 門' },
  { detail: 'late 2.0 s; expected every 500 ms' },
  { others: [{ service: 'gateway', detail: 'refuses requests' }] },
])('%j is accepted', (overrides) => {
  expect(isAccepted(overrides)).toBe(true);
});

test.each([
  { service: '\u001B[2Jreports' },
  { instance: 'a\u009B31m' },
  { version: '1\r' },
  { detail: 'a\nb' },
  { others: [{ service: '\u001B', detail: 'x' }] },
  { others: [{ service: 'x', detail: '\u0007' }] },
  { lag: { entries: 1, what: '\u001B' } },
])('%j is rejected: it contains a control character', (overrides) => {
  expect(isAccepted(overrides)).toBe(false);
});
