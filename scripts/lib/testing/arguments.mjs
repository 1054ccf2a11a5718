/**
 * @param {readonly string[]} args of npm test
 * @returns {{ projects: string[], vitestArgs: string[] }} the projects asked for by `--project NAME` (none: all of them,
 *   and the checks too), and the rest, which is vitest's
 */
export function parseTestArguments(args) {
  /** @type {string[]} */
  const projects = [];
  /** @type {string[]} */
  const vitestArgs = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--project') projects.push(args[++index] ?? '');
    else if (arg.startsWith('--project=')) projects.push(arg.slice('--project='.length));
    else vitestArgs.push(arg);
  }
  return { projects, vitestArgs };
}
