import { createHash } from 'node:crypto';
import type { Actor } from '@seguridad-abc/contracts';

/** What makes a second sending of a command known as such. */
export interface CommandKey {
  /** Keys of one caller mean nothing to another. */
  readonly caller: string;
  /** The caller's `clientMutationId`. */
  readonly key: string;
  /** Of the command and its input: the same key for anything else is refused. */
  readonly fingerprint: string;
}

/** A command's input, with the caller's idempotency key where he gives one. */
export type Keyed<Input> = Input & { readonly clientMutationId?: string | null | undefined };

export function commandKey({ id, role }: Actor, command: string, key: string, input: object): CommandKey {
  const fingerprint = createHash('sha256')
    .update(canonical([command, input]))
    .digest('base64url');
  return { caller: `${role}:${id}`, key, fingerprint };
}

/** JSON with the fields of every object in one order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
