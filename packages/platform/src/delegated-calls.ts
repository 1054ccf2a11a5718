import { getErrorMessage } from './errors.js';

/**
 * Creates an object whose methods are those of the current target, so that the target can be replaced while others hold
 * the object. Each call goes to the target of that moment.
 * @param getTarget its methods return promises and do not use `this`
 * @param handleError maps the error of a call to the one that the caller gets. If it returns `undefined`, it has replaced the
 * target, and the call is repeated once
 */
export const delegateCalls = <Target extends object>(
  getTarget: () => Target,
  handleError: (error: Error) => Error | undefined,
): Target => {
  const call = async (name: string | symbol, args: unknown[]) => {
    const target = getTarget() as Readonly<Record<string | symbol, (...args: unknown[]) => Promise<unknown>>>;
    return target[name]?.(...args);
  };
  return new Proxy({} as Target, {
    get:
      (_, name) =>
      async (...args: unknown[]) => {
        try {
          return await call(name, args);
        } catch (error) {
          const handled = handleError(error instanceof Error ? error : new Error(getErrorMessage(error)));
          if (handled === undefined) return call(name, args);
          throw handled;
        }
      },
  });
};
