import { join } from 'node:path';
import { run } from './command.mjs';
import { Failure } from './failure.mjs';
import { ROOT } from './root.mjs';

/** Under this nobody wonders what takes so long. */
const QUIET_MS = 1_500;

/**
 * Builds what is not built yet or has changed. Where nothing has, turbo knows in about 0.3 s.
 *
 * @param {{ say: (line: string) => void, signal: AbortSignal }} options
 * @throws {Failure} after the output of what failed
 */
export async function build({ say, signal }) {
  const timer = setTimeout(() => say('Building.'), QUIET_MS);
  try {
    // The apps and what they are made of; the example page is built for itself.
    const args = ['run', 'build', '--filter=./apps/*', '--output-logs=errors-only'];
    const { code, output } = await run(join(ROOT, 'node_modules', '.bin', 'turbo'), args, {
      signal,
      env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    });
    if (code === 0) return;
    console.error(output.trimEnd());
    throw new Failure('The build failed: what it says above is why.');
  } finally {
    clearTimeout(timer);
  }
}
