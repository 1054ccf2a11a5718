import { expect, test } from 'vitest';
import { describeRebuild, getRebuildChecks, type RebuildProgress } from './read-model-rebuild.js';

const PROGRESS: RebuildProgress = {
  reason: 'there is none',
  done: 459,
  total: 1_000,
  startedAt: 0,
  problem: undefined,
};

test('a rebuild is described with its reason, its progress and what it waits for', () => {
  const begin = 'the read model is built again, because there is none';
  expect(describeRebuild(PROGRESS)).toBe(`${begin}: 459 of 1000 log entries are done (45 %)`);
  expect(describeRebuild({ ...PROGRESS, done: 0, total: undefined, problem: 'no answer' })).toBe(
    `${begin}: it has not begun; it waits: no answer`,
  );
});

test('a rebuild that begins with a snapshot reports the download', () => {
  const begin = 'the read model is built again, because there is none';
  const snapshot = { peer: 'http://reports-2:4002', receivedBytes: 340, totalBytes: 1_000 };
  const downloading = { ...PROGRESS, done: 0, snapshot };
  expect(describeRebuild(downloading)).toBe(
    `${begin}: 34 % of the snapshot of http://reports-2:4002 are downloaded`,
  );
  expect(getRebuildChecks(downloading)).toEqual({
    rebuild: '0%',
    rebuildDone: 0,
    rebuildTotal: 1_000,
    rebuildSnapshot: '34%',
  });
  const waiting = { ...downloading, snapshot: { ...snapshot, totalBytes: undefined } };
  expect(describeRebuild(waiting)).toBe(`${begin}: it waits for a snapshot of http://reports-2:4002`);
});

test('readiness reports percent and entries of a rebuild', () => {
  expect(getRebuildChecks(PROGRESS)).toEqual({ rebuild: '45%', rebuildDone: 459, rebuildTotal: 1_000 });
  expect(getRebuildChecks({ ...PROGRESS, total: undefined })).toEqual({ rebuild: 'waits' });
});
