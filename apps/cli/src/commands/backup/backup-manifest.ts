import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { getErrorMessage, UserFacingError } from '../../shared/errors.js';

/** The file of a backup that describes the others. It is written last. */
export const MANIFEST_FILE = 'manifest.json';
/** The format that this version writes, and the newest that it reads. */
const FORMAT = 1;

/** The databases of an installation, in the order in which they are copied. Monitoring's log must cover the others. */
export const DATABASE_NAMES = ['reports', 'heartbeat', 'monitoring'] as const;
export type DatabaseName = (typeof DATABASE_NAMES)[number];
export const getDatabaseFile = (name: DatabaseName): string => `${name}.sqlite`;

/** The secrets that an installation keeps in its data folder. */
export const SECRET_FILES = ['installation-secret', 'issuer-key.pem'] as const;

const positionSchema = z.object({
  logId: z.string(),
  position: z.int().nonnegative(),
  /** Null if the entry has no mark. */
  mark: z.string().nullable(),
});
/** A place in the event log. */
export type LogPlace = z.infer<typeof positionSchema>;

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  /** The version of the software that wrote the backup. */
  version: z.string(),
  /** The end of the event log. */
  log: positionSchema,
  /** What reports had projected; absent if the backup has no read model. */
  readModel: positionSchema.optional(),
  /** The last entry of the audit trail: `NUMBER:HASH`. */
  auditAnchor: z.string(),
  /** Shows whether an installation secret is the one of the backup, without revealing it. */
  secretCheck: z.object({ salt: z.string(), hash: z.string() }),
  files: z
    .array(
      z.object({
        name: z.enum([...DATABASE_NAMES.map(getDatabaseFile), ...SECRET_FILES]),
        bytes: z.int().nonnegative(),
        sha256: z.string(),
      }),
    )
    .min(1),
});
/** What a backup contains. */
export type BackupManifest = z.infer<typeof manifestSchema>;
export type BackupFile = BackupManifest['files'][number];

export const createManifest = (content: Omit<BackupManifest, 'format'>): string =>
  `${JSON.stringify({ format: FORMAT, ...content }, null, 2)}\n`;

/** @throws UserFacingError if the folder holds no complete backup that this version can read */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const file = join(folder, MANIFEST_FILE);
  const problem = (reason: string) =>
    new UserFacingError(`${file} cannot be used: ${reason}. Name the folder of another backup.`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw problem(getErrorMessage(error));
  }
  const format = z.object({ format: z.number() }).safeParse(content).data?.format ?? FORMAT;
  if (format > FORMAT)
    throw problem(`its format is ${format}, and this version reads formats up to ${FORMAT}`);
  const parsed = manifestSchema.safeParse(content);
  if (!parsed.success) throw problem(z.prettifyError(parsed.error));
  return parsed.data;
}

/** Calculates the SHA-256 hash of a file, in hexadecimal. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const SALT_BYTES = 16;
const CHECK_BYTES = 32;

/** Derives the check of a secret slowly, because a secret that a person has chosen could be guessed. */
export function createSecretCheck(secret: string): BackupManifest['secretCheck'] {
  const salt = randomBytes(SALT_BYTES).toString('base64url');
  return { salt, hash: scryptSync(secret, salt, CHECK_BYTES).toString('base64url') };
}

export const isCheckedSecret = ({ salt, hash }: BackupManifest['secretCheck'], secret: string): boolean => {
  const expected = Buffer.from(hash, 'base64url');
  return expected.length === CHECK_BYTES && timingSafeEqual(expected, scryptSync(secret, salt, CHECK_BYTES));
};
