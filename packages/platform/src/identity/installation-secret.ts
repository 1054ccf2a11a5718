import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { readOrCreateSecret } from './secret-file.js';

/** Says that a request comes from a process of this installation. */
export const INSTALLATION_HEADER = 'x-installation-secret';
const FILE = 'installation-secret';
const BYTES = 32;

/** @param given what the settings say; without it, the one in the data folder, made at first use */
export const readInstallationSecret = (dataDir: string, given: string | undefined): string =>
  given ?? readOrCreateSecret(join(dataDir, FILE), () => randomBytes(BYTES).toString('base64url')).trim();

/** Tells the installation's own requests from all others, in the same time whatever they bring. */
export function createInstallationCheck(secret: string): (headers: IncomingHttpHeaders) => boolean {
  const expected = digest(secret);
  return (headers) => {
    const given = headers[INSTALLATION_HEADER];
    return typeof given === 'string' && timingSafeEqual(digest(given), expected);
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
