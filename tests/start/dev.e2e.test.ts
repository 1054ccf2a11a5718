import { utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, expect, it } from 'vitest';
import { findServicePorts, startCommand, stopScripts } from '../harness/script-process.js';

const SOURCE = 'apps/reports/src/config.ts';

let folder: ReturnType<typeof temporaryFolder>;
afterEach(async () => {
  await stopScripts();
  folder.remove();
});

/** What the gateway reports about the supergraph that it composes of the running subgraphs. */
async function getSupergraphCheck(env: { DATA_DIR: string; GATEWAY_PORT: string }): Promise<unknown> {
  const secret = readInstallationSecret(env.DATA_DIR, undefined);
  const response = await fetch(`http://127.0.0.1:${env.GATEWAY_PORT}/ready`, {
    headers: { [INSTALLATION_SECRET_HEADER]: secret },
  });
  const { checks } = (await response.json()) as { checks: { supergraph?: unknown } };
  return checks.supergraph;
}

it('npm run dev restarts the service whose source file changes, and no other', async () => {
  folder = temporaryFolder();
  const env = { DATA_DIR: folder.path, ...(await findServicePorts()) };
  const dev = startCommand('dev', [], { env });
  await dev.waitForOutput(/Watching the source files/);
  expect(await getSupergraphCheck(env)).toBe('current');
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
