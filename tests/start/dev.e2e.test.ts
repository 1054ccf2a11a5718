import { utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, expect, it } from 'vitest';
import { freePorts, start, stopStarted } from './start-process.js';

const SOURCE = 'apps/reports/src/config.ts';

let folder: ReturnType<typeof temporaryFolder>;
afterEach(async () => {
  await stopStarted();
  folder.remove();
});

it('npm run dev starts a service again when its source changes, and no other', async () => {
  folder = temporaryFolder();
  const dev = start({ DATA_DIR: folder.path, ...(await freePorts()) }, 'scripts/dev.mjs');
  await dev.until(/A service starts again when what it is made of changes\./);
  const now = new Date();
  // Another time, the same content: nothing that others build from changes.
  utimesSync(fileURLToPath(new URL(`../../${SOURCE}`, import.meta.url)), now, now);
  await dev.until(/Changed: apps\/reports\/src\/config\.ts\. Building\./);
  await dev.until(/Built\. Starting again: reports\.\n/);
  await dev.until(/reports is ready again \(pid \d+\)\./);
  expect(dev.output()).not.toMatch(/(gateway|monitoring|heartbeat) is ready again/);
  dev.signal('SIGINT');
  expect(await dev.ended).toBe(0);
});
