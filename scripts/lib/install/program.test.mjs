import { expect, test } from 'vitest';
import { ensureProgram } from './program.mjs';

/** A program that is there once it was installed, and what was said and done. */
function world({ installs = true } = {}) {
  /** @type {string[]} */
  const log = [];
  let there = false;
  return {
    log,
    options: {
      what: 'Chromium',
      find: () => (there ? '/usr/bin/chromium' : undefined),
      command: '"sudo apt-get install -y chromium"',
      otherwise: 'set CHROMIUM',
      say: (/** @type {string} */ line) => void log.push(line),
      signal: new AbortController().signal,
    },
    installer: {
      says: 'chromium with apt-get',
      install() {
        log.push('installs');
        there = installs;
        return Promise.resolve();
      },
    },
  };
}

test('what is there is taken, and nothing is installed', async () => {
  const { options, installer, log } = world();
  const find = () => '/opt/chromium';
  expect(await ensureProgram({ ...options, find, installer })).toBe('/opt/chromium');
  expect(log).toEqual([]);
});

test('what is missing is installed, after saying so', async () => {
  const { options, installer, log } = world();
  expect(await ensureProgram({ ...options, installer })).toBe('/usr/bin/chromium');
  expect(log).toEqual(['Installing chromium with apt-get.', 'installs']);
});

test('where it may not be installed, the one command to run is said', async () => {
  const { options } = world();
  await expect(ensureProgram({ ...options, installer: undefined })).rejects.toThrow(
    'There is no Chromium on this machine: run "sudo apt-get install -y chromium", or set CHROMIUM.',
  );
});

test('what was installed and is not found is a failure, not a wrong path', async () => {
  const { options, installer } = world({ installs: false });
  await expect(ensureProgram({ ...options, installer })).rejects.toThrow(/was installed .* cannot be found/);
});
