import { createInterface } from 'node:readline/promises';

/** Whether a person can be asked: input and output are a terminal. */
export const isInteractive = () => process.stdin.isTTY && process.stdout.isTTY;

/**
 * Asks a question that Enter answers with yes. Only for a terminal, see {@link isInteractive}.
 *
 * @param {string} question
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
export async function askYesNo(question, signal) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // The terminal is in raw mode while it is read, so Ctrl-C arrives here instead of as a signal.
  terminal.on('SIGINT', () => void process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question(`${question} [Y/n] `, { signal });
    return /^(y|yes|)$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
