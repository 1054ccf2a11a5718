import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getErrorMessage, StartError } from './errors.js';

/** Header of the secret that identifies requests from processes of this installation. */
export const INSTALLATION_SECRET_HEADER = 'x-installation-secret';
const SECRET_FILE = 'installation-secret';
const SECRET_BYTES = 32;
const OWNER_ONLY_MODE = 0o600;

/**
 * Returns the configured secret, or the one in the data folder. The first process generates the latter.
 * @throws StartError if the file can be neither read nor created
 */
export const readInstallationSecret = (dataFolder: string, configuredSecret: string | undefined): string =>
  configuredSecret ??
  readOrCreateSecretFile(join(dataFolder, SECRET_FILE), () =>
    randomBytes(SECRET_BYTES).toString('base64url'),
  ).trim();

/**
 * Reads a secret file, or creates it atomically, readable by its owner only. If several processes create it at the same
 * time, all of them get the same content.
 * @throws StartError if the file can be neither read nor created
 */
export function readOrCreateSecretFile(file: string, generateContent: () => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusableFileError(file, error);
  }
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, generateContent(), { mode: OWNER_ONLY_MODE, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (error) {
    // EEXIST: another process created the file first, and its content is used.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusableFileError(file, error);
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}

const unusableFileError = (file: string, error: unknown) =>
  new StartError(
    `The file ${file} cannot be used: ${getErrorMessage(error)}. Make it readable, or set another DATA_DIR.`,
    { cause: error },
  );
