import { EXIT } from '../cli/exit.mjs';

/**
 * @param {import('./state.mjs').State} state
 * @returns {number} the exit code
 */
export function verdict({ services, processes, redis }) {
  if (!services && processes.every(({ fault }) => fault !== undefined)) return EXIT.unusable;
  const allWell =
    services?.every(({ status }) => status === 'UP') === true &&
    processes.every(({ ready }) => ready) &&
    redis?.fault === undefined;
  return allWell ? EXIT.well : EXIT.wrong;
}
