import { createRequire } from 'node:module';

/** The version of this software. All packages of an installation have the same one. */
export const { version: SOFTWARE_VERSION } = createRequire(import.meta.url)('../package.json') as {
  version: string;
};
