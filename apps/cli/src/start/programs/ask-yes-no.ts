import { createInterface } from 'node:readline/promises';

/**
 * Asks a question at the terminal. Enter means yes, the end of the input (Ctrl-D) means no.
 * @throws the signal's reason after an abort
 */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // The terminal is in raw mode while it is read, so Ctrl-C arrives here instead of as a signal.
  terminal.on('SIGINT', () => void process.kill(process.pid, 'SIGINT'));
  const inputEnded = new Promise<'n'>((resolve) => {
    terminal.on('close', () => resolve('n'));
  });
  try {
    const answer = await Promise.race([terminal.question(`${question} [Y/n] `, { signal }), inputEnded]);
    return /^(y|yes|)$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
