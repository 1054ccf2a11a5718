import { rmSync, writeFileSync } from 'node:fs';

const OWNER_ONLY_MODE = 0o600;

/** Formats a configuration file. Redis reads values in double quotes, with the escapes of JSON. */
export const formatRedisConfig = (options: Readonly<Record<string, string>>): string =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}\n`)
    .join('');

/** Replaces a file by a new one that only its owner can read. An existing file would keep its permissions. */
export function writeSecretFile(file: string, content: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, content, { mode: OWNER_ONLY_MODE, flag: 'wx' });
}
