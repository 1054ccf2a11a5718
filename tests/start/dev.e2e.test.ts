import { utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, expect, it } from 'vitest';
import { findServicePorts, startCommand, stopScripts } from '../harness/script-process.js';

const SOURCE = 'apps/reports/src/config.ts';

let folder: ReturnType<typeof temporaryFolder>;
afterEach(async () => {
  await stopScripts();
  folder.remove();
});

it('npm run dev restarts the service whose source file changes, and no other', async () => {
  folder = temporaryFolder();
  const env = { DATA_DIR: folder.path, ...(await findServicePorts()) };
  const dev = startCommand('dev', [], { env });
  await dev.waitForOutput(/Watching the source files/);
  const now = new Date();
  // Only the time changes, so the build of other tests stays the same.
  utimesSync(fileURLToPath(new URL(`../../${SOURCE}`, import.meta.url)), now, now);
  await dev.waitForOutput(/Changed: apps\/reports\/src\/config\.ts\. Building\./);
  await dev.waitForOutput(/Built\. Restarting: reports\.\n/);
  await dev.waitForOutput(/reports is ready again \(pid \d+\)\./);
  expect(dev.getOutput()).not.toMatch(/(gateway|monitoring|heartbeat) is ready again/);
  dev.child.kill('SIGINT');
  expect(await dev.exitCode).toBe(0);
});
