import { expect, test } from 'vitest';
import { missingToolchain } from './toolchain.mjs';

/** @param {string[]} present */
const machineWith =
  (...present) =>
  (/** @type {readonly string[]} */ names) =>
    names.find((name) => present.includes(name));

test('nothing is missing where there is one of each', () => {
  expect(missingToolchain(machineWith('python3', 'make', 'clang++'))).toBeUndefined();
});

test('one sentence names all that is missing and how to get it', () => {
  const sentence = missingToolchain(machineWith());
  expect(sentence).toContain(
    'lacks python3, make and a C++ compiler: on Debian or Ubuntu run apt-get install',
  );
  expect(missingToolchain(machineWith('python3', 'make'))).toContain('lacks a C++ compiler:');
});
