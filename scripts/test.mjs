// npm test: installs, builds and tests everything.
import { runNpmScript } from './shared/npm-script.mjs';

const args = process.argv.slice(2);

runNpmScript(args, async () => {
  const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
  try {
    await installAndBuild({ withDevelopment: true });
  } catch (error) {
    const { reportTestCounts, ZERO_COUNTS } = await import('./testing/test-counts.mjs');
    reportTestCounts({ ...ZERO_COUNTS, failed: 1 });
    throw error;
  }
  const { runTests } = await import('./testing/run-tests.mjs');
  await runTests(args);
});
