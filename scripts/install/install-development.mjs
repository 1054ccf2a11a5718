import { EXIT_CODES, InterruptedError, printError } from '../shared/errors.mjs';
import { listenForInterrupts } from '../shared/interrupts.mjs';
import { ensureDependencies } from './dependencies.mjs';

/** Installs all dependencies that are missing, those for checks and tests included, and ends this process. */
export async function installDevelopment() {
  const { stop: signal } = listenForInterrupts();
  try {
    // On stderr: stdout belongs to the script that runs next.
    await ensureDependencies({ withDevelopment: true, log: (line) => console.error(line), signal });
    process.exit(0);
  } catch (error) {
    if (error instanceof InterruptedError) process.exit(EXIT_CODES.interrupted);
    printError(error);
    process.exit(1);
  }
}
