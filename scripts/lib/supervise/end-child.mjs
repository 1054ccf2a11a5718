/** A service cuts its own stop short after 10 s; what then still runs is killed. */
const STOP_MS = 12_000;

/**
 * Asks a program to end, and resolves when it has.
 *
 * @param {import('node:child_process').ChildProcess | undefined} child nothing where it does not run at the moment
 * @param {Promise<unknown>} ended
 * @param {() => void} [onKill] told where it must be killed
 */
export async function endChild(child, ended, onKill) {
  child?.kill('SIGTERM');
  // One that someone holds still hears it only when it goes on.
  child?.kill('SIGCONT');
  const timer = setTimeout(() => {
    onKill?.();
    child?.kill('SIGKILL');
  }, STOP_MS);
  await ended;
  clearTimeout(timer);
}
