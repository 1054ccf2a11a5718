import { readProjectFile } from './bootstrap.js';

/** Reads the default of every setting from `.env.example`; an empty text if there is none. */
export function readDefaultSettings(): Record<string, string> {
  const settings = [...readProjectFile('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)];
  return Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value]));
}
