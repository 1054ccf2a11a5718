// with-development.mjs [COMMAND ARGUMENT...]: installs the development packages if npm start has left them out, then runs the
// command. With --help it prints what the npm script does, and installs and runs nothing.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { runNpmScript } from './shared/npm-script.mjs';

const [command, ...args] = process.argv.slice(2);

runNpmScript(args, async () => {
  const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
  await installAndBuild({ withDevelopment: true });
  if (command !== undefined) runCommand(command);
});

/** @param {string} program on the PATH, to which npm adds those of the packages */
function runCommand(program) {
  const child = spawn(program, args, { stdio: 'inherit' });
  // Ctrl-C at a terminal reaches the command too. This process ends after it.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  // A shell reports the end by a signal in the same way: 130 after Ctrl-C.
  child.on(
    'exit',
    (code, signal) => void (process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGHUP']),
  );
}
