import { Failure } from '../../failure.mjs';
import { Interrupted } from '../../interrupts.mjs';

/** What a tool's exit code says to a script. */
export const EXIT = {
  well: 0,
  /** Something was refused, or is not as it should be. */
  wrong: 1,
  /** Wrong usage, or nothing that could be asked. */
  unusable: 2,
  /** As shells say it of what Ctrl-C ended. */
  interrupted: 130,
};

/** The tool was asked for something that it cannot do. */
export class UsageError extends Failure {
  /** @override */
  name = 'UsageError';
}

/** What the tool needs to reach does not answer. */
export class NotReachable extends Failure {
  /** @override */
  name = 'NotReachable';
}

/** @param {unknown} error that ended a tool */
export function exitCodeOf(error) {
  if (error instanceof Interrupted) return EXIT.interrupted;
  return error instanceof UsageError || error instanceof NotReachable ? EXIT.unusable : EXIT.wrong;
}
