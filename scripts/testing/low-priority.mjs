import { runCommand } from '@seguridad-abc/cli';

/**
 * Lowers the priority of the shell's session, and runs its arguments at the lowest one. Linux may divide the processor among
 * sessions first: the priority of a process then counts within its session only.
 */
const SCRIPT = '{ echo 19 > /proc/self/autogroup; } 2> /dev/null; exec nice -n 19 "$@"';

/**
 * Runs a command that uses the processor only while the tests leave it idle, and collects the command's output.
 *
 * @param {readonly string[]} command program and arguments
 * @param {AbortSignal} signal stops the command and its child processes
 * @throws the signal's reason after an abort
 */
export const runAtLowPriority = (command, signal) =>
  runCommand('sh', ['-c', SCRIPT, 'sh', ...command], { signal });
