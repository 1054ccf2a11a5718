/** Why it cannot go on, in one clear sentence for the person who started it. */
export class Failure extends Error {
  /** @override */
  name = 'Failure';
}

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {unknown} error @returns {string | undefined} the system's code of an error, such as `ENOENT` */
export const codeOf = (error) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
