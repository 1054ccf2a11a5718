import type { HealthReport } from '@seguridad-abc/contracts';
import { recordLogs } from '@seguridad-abc/platform/testing';
import { expect, it } from 'vitest';
import { createLeaseKeeper } from './lease-keeper.js';

const REPORT: HealthReport = {
  v: 1,
  term: 6,
  run: '3b1b5a5e-0c0f-4d8e-9d4a-0d2c6c1f7a01',
  sequence: 9,
  at: '2026-01-31T10:00:00.000Z',
  intervalMs: 2_000,
  services: [],
};

it('offers the last report again if the first attempt to speak fails', async () => {
  const offered: (HealthReport | undefined)[] = [];
  let isSpeaking = false;
  const keeper = createLeaseKeeper({
    channel: {
      acquire: () => Promise.resolve({ term: 7, report: REPORT }),
      renew: () => Promise.resolve(true),
      release: () => Promise.resolve(),
    },
    publisher: { status: 'ready' },
    intervalMs: 2_000,
    highestTerm: 0,
    readClock: () => ({ monotonicMs: 1_000, wallMs: 1_000_000 }),
    wantsReport: () => true,
    onGranted(report) {
      offered.push(report);
      if (offered.length === 1) return Promise.reject(new Error('Command timed out'));
      isSpeaking = true;
      return Promise.resolve();
    },
    isSpeaking: () => isSpeaking,
    onLost: () => undefined,
    onHeard: () => undefined,
    logger: recordLogs().logger,
  });
  await keeper.keep();
  await keeper.keep();
  expect(offered).toStrictEqual([REPORT, REPORT]);
});
