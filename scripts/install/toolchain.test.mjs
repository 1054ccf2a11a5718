import { expect, test } from 'vitest';
import { describeMissingToolchain } from './toolchain.mjs';

/** @param {string[]} present */
const createFind =
  (...present) =>
  (/** @type {readonly string[]} */ names) =>
    names.find((name) => present.includes(name));

test('nothing is missing with one program of each kind', () => {
  expect(describeMissingToolchain(createFind('python3', 'make', 'clang++'))).toBeUndefined();
});

test('one message names everything that is missing and how to install it', () => {
  const message = describeMissingToolchain(createFind());
  expect(message).toContain(
    'python3, make and a C++ compiler cannot be found. On Debian or Ubuntu run "sudo apt-get install',
  );
  expect(describeMissingToolchain(createFind('python3', 'make'))).toContain(
    'and a C++ compiler cannot be found.',
  );
});
