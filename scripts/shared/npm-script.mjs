import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_FOLDER, runScript } from '../bootstrap/project.mjs';

/**
 * Runs an npm script. With --help among its arguments, the script is described, and not run.
 * @param {readonly string[]} args @param {() => Promise<unknown>} main
 */
export function runNpmScript(args, main) {
  const isHelp = args.includes('--help') || args.includes('-h');
  if (isHelp) console.log(describeScript(process.env['npm_lifecycle_event'] ?? ''));
  else void runScript(main);
}

/** Describes an npm script, as the table of docs/commands.md does. @param {string} name */
function describeScript(name) {
  const table = readFileSync(join(PROJECT_FOLDER, 'docs/commands.md'), 'utf8');
  const row = new RegExp(`^\\| \`(npm (?:run )?(?:-s )?${name})[ \`][^|]*\\| (.*?) +\\|$`, 'm').exec(table);
  const [, command = '', description = ''] = row ?? [];
  return row ? `${command}: ${description.replace(/`/g, '')}` : 'docs/commands.md lists all commands.';
}
