import { describe, expect, test } from 'vitest';
import { describePackageProgress, selectWantedPackages } from './dependencies.mjs';

const runtime = { 'node_modules/express': { version: '5.0.0' } };
const locked = { ...runtime, 'node_modules/vitest': { version: '4.0.0', dev: true } };
const newer = { ...locked, 'node_modules/express': { version: '5.1.0' } };

describe('selectWantedPackages', () => {
  test('a fresh clone gets what running needs', () => {
    expect(selectWantedPackages(locked, {}, false)).toEqual({ isComplete: false, packages: runtime });
  });

  test('a start installs nothing after a complete installation', () => {
    expect(selectWantedPackages(locked, locked, false)).toBeUndefined();
  });

  test('a start that must update a complete installation keeps its development packages', () => {
    expect(selectWantedPackages(newer, locked, false)).toEqual({ isComplete: true, packages: newer });
  });

  test('tests install the rest', () => {
    expect(selectWantedPackages(locked, runtime, true)).toEqual({ isComplete: true, packages: locked });
    expect(selectWantedPackages(locked, locked, true)).toBeUndefined();
  });
});

test('the progress has an estimate of what is left', () => {
  expect(describePackageProgress(0, 300, 2)).toBe('reading 300 packages, usually under a minute');
  expect(describePackageProgress(100, 300, 10)).toBe('100 of 300 packages, about 20 s left');
  expect(describePackageProgress(300, 300, 30)).toBe('300 packages, finishing');
});
