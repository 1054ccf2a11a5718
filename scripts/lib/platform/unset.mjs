import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';

/**
 * Every setting of the services as absent, so that neither our environment nor a file .env decides it.
 *
 * @returns {Record<string, string>}
 */
export function unsetSettings() {
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
  return Object.fromEntries(
    [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => [name ?? '', '']),
  );
}
