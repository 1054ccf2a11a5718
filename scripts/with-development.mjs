// with-development.mjs [COMMAND ARGUMENT...]: installs the development packages if npm start has left them out, then runs the
// command. With --help it prints what the npm script does, and installs and runs nothing.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_FOLDER, runScript } from './bootstrap/project.mjs';

const [command, ...args] = process.argv.slice(2);

runScript(async () => {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(describeScript(process.env['npm_lifecycle_event'] ?? ''));
    return;
  }
  const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
  // On stderr: stdout belongs to the command.
  await installAndBuild({ withDevelopment: true, log: console.error });
  if (command !== undefined) runCommand(command);
});

/** Takes the description from the table of commands. @param {string} name of the npm script */
function describeScript(name) {
  const table = readFileSync(join(PROJECT_FOLDER, 'docs', 'commands.md'), 'utf8');
  const [, description = ''] = new RegExp(`^\\| \`npm run ${name}\` +\\| (.*?) +\\|$`, 'm').exec(table) ?? [];
  return `npm run ${name}: ${description.replaceAll('`', '')}`;
}

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
  child.on('exit', (code) => void (process.exitCode = code ?? 1));
}
