import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { startScript } from '../harness/script-process.js';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

test('npm run monitoring runs this service, and a signal to npm stops it', async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const env = {
    ...process.env,
    MONITORING_PORT: String(port),
    DATA_DIR: folder.path,
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  const npm = spawn('npm', ['run', 'monitoring'], {
    cwd: PROJECT_FOLDER,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(npm, 'exit');
  let output = '';
  npm.stdout.setEncoding('utf8');
  while (!output.includes('"listening"')) output += String((await once(npm.stdout, 'data'))[0]);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);

  npm.stdout.resume();
  npm.kill('SIGTERM');
  await ended;
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed');
  folder.remove();
});

test('a service that is not built fails with one message and exit code 1', async () => {
  const { code, stderr } = await startScript(['scripts/run-service.mjs', 'unknown']).ended;
  expect(stderr).toBe('apps/unknown is not built: run npm start, or npm ci and npm run build, first.\n');
  expect(code).toBe(1);
});

test('a gateway that is stopped while it waits for its subgraphs reports no error', async () => {
  const folder = temporaryFolder();
  const configFile = join(folder.path, 'supergraph.yaml');
  writeFileSync(
    configFile,
    `subgraphs: { absent: { routing_url: 'http://127.0.0.1:${await freePort()}/graphql' } }`,
  );
  const gateway = startScript(['scripts/run-service.mjs', 'gateway'], {
    env: {
      GATEWAY_PORT: String(await freePort()),
      DATA_DIR: folder.path,
      REDIS_URL: 'redis://127.0.0.1:1',
      SUPERGRAPH: 'introspect',
      SUPERGRAPH_CONFIG: configFile,
    },
  });
  await gateway.waitForOutput(/the subgraphs cannot be composed yet/);
  gateway.child.kill('SIGINT');
  const { code, stderr, stdout } = await gateway.ended;
  expect(stderr).toBe('');
  expect(stdout).not.toContain('"level":"error"');
  expect(code).toBe(0);
  folder.remove();
});
