import { badUserInputError } from '@seguridad-abc/platform';

const PLACE = /\{([\w.]+)\}/g;

/**
 * The channel that a template names for what is asked for: `prices:{sku}`.
 * @throws ExpectedError BAD_USER_INPUT where an argument that it needs is not given, or is no plain value
 */
export const channelName = (template: string, args: Readonly<Record<string, unknown>>): string =>
  template.replace(PLACE, (_, path: string) => {
    const names = path.split('.');
    const value = names.reduce<unknown>(
      (from, name) =>
        typeof from === 'object' && from !== null ? (from as Record<string, unknown>)[name] : undefined,
      args,
    );
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
    const message = `${path} must be given: it decides which events are heard.`;
    throw badUserInputError([{ path: names, code: 'REQUIRED', message }]);
  });
