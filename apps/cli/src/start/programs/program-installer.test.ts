import { expect, test } from 'vitest';
import { ensureProgram } from './program-installer.js';

/** Creates options for a program that exists after its installation, and records what happens. */
function createScenario({ installs = true } = {}) {
  const log: string[] = [];
  let isInstalled = false;
  return {
    log,
    options: {
      find: () => (isInstalled ? '/usr/bin/chromium' : undefined),
      missing: 'There is no Chromium: run "sudo apt-get install -y chromium".',
      log: (line: string) => void log.push(line),
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
    'There is no Chromium: run "sudo apt-get install -y chromium".',
  );
});

test('fails if the program cannot be found after its installation', async () => {
  const { options, installer } = createScenario({ installs: false });
  await expect(ensureProgram({ ...options, installer })).rejects.toThrow(
    'chromium with apt-get has installed no program that can be found. There is no Chromium',
  );
});
