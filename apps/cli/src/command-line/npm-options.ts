import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { UsageError } from '../shared/errors.js';
import type { NamedCommandModule } from './define-command.js';
import { formatExampleCall } from './option-values.js';

/** An option of npm that a user expects to protect from changes. Few commands have it. */
const DRY_RUN = 'dry-run';
/** A file `.npmrc` may set this option of npm too, so it does not prove that `--` was forgotten. */
const JSON_OUTPUT = 'json';

/**
 * Finds options that npm has taken: without `--` before them, npm removes them from the command and sets a variable
 * `npm_config_*` for each.
 * @param env of a script that npm runs
 * @returns a note for the user, if the command can run without the option
 * @throws UsageError if the command would do something else than the user has written
 */
export function checkOptionsTakenByNpm(
  { name, optionNames, example }: Pick<NamedCommandModule, 'name' | 'optionNames' | 'example'>,
  env: EnvironmentVariables,
): string | undefined {
  // npm passes its variables on to programs that a script starts.
  if (env['npm_lifecycle_event'] !== name) return undefined;
  const isTaken = (option: string) => {
    const isNegated = option.startsWith('no-');
    const value = env[`npm_config_${option.replace(/^no-/, '').replaceAll('-', '_')}`];
    return isNegated ? value === '' : value !== undefined && value !== '';
  };
  if (isTaken(DRY_RUN) && !optionNames.includes(DRY_RUN)) {
    throw new UsageError(`${name} has no option --${DRY_RUN}, so nothing was done: leave the option out.`);
  }
  const taken = optionNames.filter(isTaken).map((option) => `--${option}`);
  if (taken.length === 0) return undefined;
  const problem = `npm has taken ${taken.join(', ')} for itself: put -- before the arguments.`;
  if (taken.some((option) => option !== `--${JSON_OUTPUT}`)) {
    throw new UsageError(`${problem} ${formatExampleCall(example)}`);
  }
  return `${problem} For example:\n  npm run ${name} -- --${JSON_OUTPUT}`;
}
