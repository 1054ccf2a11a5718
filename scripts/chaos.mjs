// npm run chaos: runs clients and faults on an installation, and checks that nothing is lost (tests/chaos).
import { register } from 'node:module';
import { runNpmScript } from './shared/npm-script.mjs';

const args = process.argv.slice(2);

runNpmScript(args, async () => {
  const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
  await installAndBuild({ withDevelopment: true });
  // The tests are TypeScript, which Node runs with the loader that Vitest uses for worker threads.
  register('./testing/typescript-workers.mjs', import.meta.url);
  /** @type {string} */
  const main = '../tests/chaos/main.ts';
  await import(main);
});
