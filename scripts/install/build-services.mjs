import { join } from 'node:path';
import { UserFacingError } from '../shared/errors.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';
import { runCommand } from '../shared/run-command.mjs';

/** A build that takes longer than this is announced. */
const SILENT_BUILD_MS = 1_500;

/**
 * Builds the apps and the packages that they use. Turbo skips what has not changed; that check takes about 0.3 s.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @throws {UserFacingError} after printing the output of the failed build
 */
export async function buildServices({ log, signal }) {
  const timer = setTimeout(() => log('Building.'), SILENT_BUILD_MS);
  try {
    const args = ['run', 'build', '--filter=./apps/*', '--output-logs=errors-only'];
    const turbo = join(PROJECT_FOLDER, 'node_modules', '.bin', 'turbo');
    const { code, output } = await runCommand(turbo, args, {
      signal,
      env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    });
    if (code === 0) return;
    console.error(output.trimEnd());
    throw new UserFacingError('The build failed: correct the errors above.');
  } finally {
    clearTimeout(timer);
  }
}
