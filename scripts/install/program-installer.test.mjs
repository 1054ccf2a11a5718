import { expect, test } from 'vitest';
import { ensureProgram } from './program-installer.mjs';

/** Creates options for a program that exists after its installation, and records what happens. */
function createScenario({ installs = true } = {}) {
  /** @type {string[]} */
  const log = [];
  let isInstalled = false;
  return {
    log,
    options: {
      name: 'Chromium',
      find: () => (isInstalled ? '/usr/bin/chromium' : undefined),
      command: '"sudo apt-get install -y chromium"',
      alternative: 'set CHROMIUM',
      log: (/** @type {string} */ line) => void log.push(line),
      signal: new AbortController().signal,
    },
    installer: {
      description: 'chromium with apt-get',
      install() {
        log.push('installs');
        isInstalled = installs;
        return Promise.resolve();
      },
    },
  };
}

test('returns a present program and installs nothing', async () => {
  const { options, installer, log } = createScenario();
  const find = () => '/opt/chromium';
  expect(await ensureProgram({ ...options, find, installer })).toBe('/opt/chromium');
  expect(log).toEqual([]);
});

test('announces and installs a missing program', async () => {
  const { options, installer, log } = createScenario();
  expect(await ensureProgram({ ...options, installer })).toBe('/usr/bin/chromium');
  expect(log).toEqual(['Installing chromium with apt-get.', 'installs']);
});

test('names the install command if it cannot install the program itself', async () => {
  const { options } = createScenario();
  await expect(ensureProgram({ ...options, installer: undefined })).rejects.toThrow(
    'There is no Chromium on this machine: run "sudo apt-get install -y chromium", or set CHROMIUM.',
  );
});

test('fails if the program cannot be found after its installation', async () => {
  const { options, installer } = createScenario({ installs: false });
  await expect(ensureProgram({ ...options, installer })).rejects.toThrow(
    /was installed .* but cannot be found/,
  );
});
